/// Makes task logs as Airflow 2 writes them.
enum TaskLog {
  /// One ordinary line.
  static let line = "[2026-03-28T02:14:06.000+0000] {test_step.py:40} INFO - loading candles\n"

  /// What Airflow 2 writes when a task has succeeded; without it a log may still grow.
  static let success =
    "[2026-03-28T02:15:00.000+0000] {taskinstance.py:1138} INFO - Marking task as SUCCESS. "
    + "dag_id=launch__discovery, task_id=test_step, execution_date=20260328T020000, "
    + "start_date=20260328T021400, end_date=20260328T021500\n"

  /// A block of body lines with its end marker; blocks with another second are no replays of each other.
  static func block(_ body: String..., second: Int = 7) -> String {
    let digits = String(second % 60)
    let time = "2026-03-28T02:\(10 + second / 60):\(String(repeating: "0", count: 2 - digits.count))\(digits)"
    return "[\(time).123+0000] {test_step.py:88} INFO - === CORRELATION DATA ===\n"
      + body.map { $0 + "\n" }.joined() + "=== END CORRELATION DATA ===\n"
  }

  /// A finished log with so many small blocks; `salt` makes their values differ from another log's.
  static func finished(blocks: Int, salt: Int = 0) -> String {
    let all = (0..<blocks).map { number in
      block(
        "crypto=SOLUSDC horizon=H4 n_trades=\(number + 1)",
        "f1_buy=0.5\(10 + salt % 80) baseline_f1_buy=0.50 sortino=0.\(1 + number)", second: number)
    }
    return line + all.joined(separator: line) + success
  }

  /// The path of an attempt below a log root.
  static func path(
    dag: String = "launch__discovery", run: String = "manual__2026-03-28T02:00:00+00:00",
    task: String = "test_step", attempt: Int = 1
  ) -> String {
    "dag_id=\(dag)/run_id=\(run)/task_id=\(task)/attempt=\(attempt).log"
  }
}
