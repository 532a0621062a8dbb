import Diagnosis
import LogModel

extension StoredList {
  /// Every list.
  public static let all = [verdicts, runs, logs, issues, nextSteps]

  /// Verdicts under the current taxonomy version (`diagnostics.verdict_v1`).
  public static let verdicts = StoredList(
    noun: "verdict",
    values: [
      .time("observed_at"), .text("dag_id"), .text("run_id"), .text("task_id"), .number("map_index"),
      .number("try_number"), .flag("latest_attempt"), .number("block"), .text("crypto"),
      .text("crypto_group"),
      .text("logged_group"), .text("horizon"), .text("timeframe"), .number("sl"), .number("tp"),
      .text("fold"),
      .number("n_folds"), .text("phase"), .text("strategy_id"), .text("model_version"), .number("f1_buy"),
      .number("baseline_f1_buy"), .number("delta_points"), .number("precision_buy"), .number("recall_buy"),
      .number("buy_rate"), .number("action_rate"), .number("std_f1_buy"), .number("theta"),
      .number("sortino"),
      .number("tp_pct"), .number("sl_pct"), .number("timeout_pct"), .number("n_trades"), .json("gates"),
      .flag("gates_passed"), .number("screening_f1_buy"), .number("last_fold_f1_buy"),
      .number("screening_gap"),
      .number("n_candidates"), .number("n_passed"), .flag("complete"), .text("primary_code"),
      .words("findings"),
      .text("certainty"), .text("severity"), .text("ml"), .text("execution"), .text("infra"),
      .json("not_evaluated"), .flag("useful"), .number("issue_count"), .text("block_end"), .json("extras"),
      .text("explanation"), .number("taxonomy_version"), .text("source"), .number("line"),
    ],
    groups: [
      .text("severity"), .text("primary_code"), .text("certainty"), .text("crypto"), .flag("useful"),
      Value(name: "lacking", kind: .text, sql: lacking),
      ofGoodSignal("findings", "array_to_string(v.findings, ' ')"), ofGoodSignal("phase", "v.phase"),
      ofGoodSignal("gates_passed", "v.gates_passed::text"),
      ofGoodSignal("sortino", "CASE WHEN v.n_trades IS DISTINCT FROM 0 THEN sign(v.sortino)::text END"),
    ],
    groupPlaces: "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    view: "diagnostics.verdict_v1",
    condition: """
      ($1::text[] IS NULL OR v.crypto = ANY ($1::text[]))
        AND (
          $2::text[] IS NULL OR v.findings && $2::text[]
          OR v.primary_code IS NULL
            AND CASE WHEN v.certainty = 'unclassified' THEN 'unclassified' ELSE 'all_clear' END = ANY ($2::text[]))
        AND ($3::text[] IS NULL OR v.severity = ANY ($3::text[]))
        AND ($4::text[] IS NULL OR v.certainty = ANY ($4::text[]))
        AND ($5::text[] IS NULL OR v.phase = ANY ($5::text[]))
        AND ($6::boolean IS NOT TRUE OR v.useful)
        AND ($7::text[] IS NULL OR v.dag_id = ANY ($7::text[]))
        AND ($8::text[] IS NULL OR v.run_id = ANY ($8::text[]))
        AND ($9::timestamptz IS NULL OR v.observed_at >= $9::timestamptz)
        AND ($10::timestamptz IS NULL OR v.observed_at < $10::timestamptz)
        AND ($11::boolean OR v.latest_attempt)
      """,
    limit: "$12",
    parameters: { question in
      let asked = question.verdict
      return [
        asked.cryptos.arrayText, asked.codes.arrayText, asked.severities.map(\.rawValue).arrayText,
        asked.certainties.map(\.rawValue).arrayText, asked.phases.arrayText, String(asked.isUseful),
        asked.dagIDs.arrayText, asked.runIDs.arrayText, asked.since?.sqlText, asked.until?.sqlText,
        String(question.isWide),
      ]
    },
    order: #"v.observed_at, v.source COLLATE "C", v.block"#)

  /// What the rules of an unclassified record lacked, and why, as `Verdict` has it: the reason of each input is in the explanation alone.
  private static let lacking: SQLText = #"""
    CASE WHEN v.certainty = 'unclassified' THEN (
      SELECT string_agg(DISTINCT r.parts[1], '; ')
      FROM regexp_matches(split_part(v.explanation, 'not evaluated: ', 2), '\(([^)]*)\)', 'g') AS r (parts)
    ) END
    """#

  /// A value that tells why a strategy with a good signal is not useful; null of other verdicts, so that they make no groups of their own.
  private static func ofGoodSignal(_ name: String, _ value: SQLText) -> Value {
    Value(
      name: name, kind: .text,
      sql: "CASE WHEN v.findings && '{ML_EXPLOITABLE,ML_SOLID}' AND NOT v.useful THEN " + value + " END")
  }

  /// DAG runs with their diagnosis (`diagnostics.run_diagnosis_v1`), of the whole run or of each crypto in it.
  public static let runs = StoredList(
    noun: "run",
    values: [
      .time("started_at"), .time("ended_at"), .text("dag_id"), .text("run_id"), .text("crypto"),
      .text("state"),
      .number("records"), .number("candidates"), .number("passed"), .number("useful"), .text("severity"),
      .text("primary_code"), .json("code_counts"),
    ],
    groups: [.text("state"), .text("severity"), .text("primary_code")],
    groupPlaces: "1, 2, 3",
    view: "diagnostics.run_diagnosis_v1",
    condition: """
      CASE WHEN $1::text[] IS NOT NULL THEN v.crypto = ANY ($1::text[]) ELSE $2::boolean = (v.crypto IS NOT NULL) END
        AND ($3::text[] IS NULL OR v.primary_code = ANY ($3::text[]) OR v.code_counts ?| $3::text[])
        AND ($4::text[] IS NULL OR v.severity = ANY ($4::text[]))
        AND ($5::text[] IS NULL OR v.state = ANY ($5::text[]))
        AND ($6::boolean IS NOT TRUE OR v.useful > 0)
        AND ($7::text[] IS NULL OR v.dag_id = ANY ($7::text[]))
        AND ($8::text[] IS NULL OR v.run_id = ANY ($8::text[]))
        AND ($9::timestamptz IS NULL OR v.started_at >= $9::timestamptz)
        AND ($10::timestamptz IS NULL OR v.started_at < $10::timestamptz)
      """,
    limit: "$11",
    parameters: { question in
      let asked = question.verdict
      return [
        asked.cryptos.arrayText, String(question.isWide), asked.codes.arrayText,
        asked.severities.map(\.rawValue).arrayText, question.words.arrayText, String(asked.isUseful),
        asked.dagIDs.arrayText, asked.runIDs.arrayText, asked.since?.sqlText, asked.until?.sqlText,
      ]
    },
    order:
      #"v.started_at DESC NULLS LAST, v.dag_id COLLATE "C", v.run_id COLLATE "C", v.crypto COLLATE "C" NULLS FIRST"#
  )

  /// The ledger of logs (`diagnostics.ingestion_v1`).
  public static let logs = StoredList(
    noun: "log",
    values: [
      .time("ingested_at"), .text("status"), .text("dag_id"), .text("run_id"), .text("task_id"),
      .number("map_index"), .number("try_number"), .number("size_bytes"), .number("blocks"),
      .number("replays"),
      .number("issues"), .text("source"), .text("location"), .text("error"),
    ],
    groups: [
      .text("status"),
      Value(name: "task", kind: .text, sql: "CASE WHEN v.dag_id IS NULL THEN 'without identity' END"),
    ],
    groupPlaces: "1, 2",
    view: "diagnostics.ingestion_v1",
    condition: """
      (
        $1::text[] IS NULL OR v.status = ANY ($1::text[])
        OR v.dag_id IS NULL AND 'without_identity' = ANY ($1::text[]))
        AND ($2::text[] IS NULL OR v.dag_id = ANY ($2::text[]))
        AND ($3::text[] IS NULL OR v.run_id = ANY ($3::text[]))
        AND ($4::timestamptz IS NULL OR v.ingested_at >= $4::timestamptz)
        AND ($5::timestamptz IS NULL OR v.ingested_at < $5::timestamptz)
      """,
    limit: "$6",
    parameters: { question in
      let asked = question.verdict
      return [
        question.words.arrayText, asked.dagIDs.arrayText, asked.runIDs.arrayText, asked.since?.sqlText,
        asked.until?.sqlText,
      ]
    },
    order: #"v.location COLLATE "C""#)

  /// What was wrong with blocks and logs (`diagnostics.issue_v1`), and the logs that are not stored because another location of their task
  /// attempt is, of which the ledger tells (`diagnostics.ingestion_v1`).
  public static let issues = StoredList(
    noun: "issue",
    values: [
      .time("observed_at"), .text("kind"), .text("key"), .text("dag_id"), .text("run_id"), .text("task_id"),
      .number("map_index"), .number("try_number"), .number("block"), .number("line"), .number("byte_offset"),
      .text("source"), .text("raw"),
    ],
    groups: [.text("kind"), .text("key"), .text("dag_id")],
    groupPlaces: "1, 2, 3",
    view: """
      (
        SELECT i.observed_at, i.kind, i.key, i.dag_id, i.run_id, i.task_id, i.map_index, i.try_number, i.block, i.line, i.byte_offset, i.source,
          i.raw
        FROM diagnostics.issue_v1 AS i
        UNION ALL
        SELECT g.ingested_at, 'content_conflict', NULL, g.dag_id, g.run_id, g.task_id, g.map_index, g.try_number, NULL, NULL, NULL, g.source,
          substr(g.error, length('content_conflict: ') + 1)
        FROM diagnostics.ingestion_v1 AS g
        WHERE g.status = 'failed' AND g.error LIKE 'content_conflict: %'
      )
      """,
    condition: """
      ($1::text[] IS NULL OR v.kind = ANY ($1::text[]))
        AND ($2::text[] IS NULL OR v.key = ANY ($2::text[]))
        AND ($3::text[] IS NULL OR v.dag_id = ANY ($3::text[]))
        AND ($4::text[] IS NULL OR v.run_id = ANY ($4::text[]))
        AND ($5::timestamptz IS NULL OR v.observed_at >= $5::timestamptz)
        AND ($6::timestamptz IS NULL OR v.observed_at < $6::timestamptz)
      """,
    limit: "$7",
    parameters: { question in
      let asked = question.verdict
      return [
        question.words.arrayText, question.keys.arrayText, asked.dagIDs.arrayText, asked.runIDs.arrayText,
        asked.since?.sqlText, asked.until?.sqlText,
      ]
    },
    order: #"v.observed_at, v.source COLLATE "C", v.line, v.kind"#)

  /// What to do now for each crypto (`diagnostics.next_step_v1`): what is escalated first, then what has a diagnosis.
  public static let nextSteps = StoredList(
    noun: "crypto",
    values: [
      .text("crypto"), .text("dag_id"), .text("run_id"), .time("started_at"), .text("primary_code"),
      .number("runs_in_a_row"), .text("exit_criterion"), .flag("met"), .text("next_step"),
      .json("configuration"),
      .text("escalate_to"), .text("playbook"),
    ],
    groups: [.text("primary_code")],
    groupPlaces: "1",
    view: "diagnostics.next_step_v1",
    condition: "($1::text[] IS NULL OR v.crypto = ANY ($1::text[]))",
    limit: "$2",
    parameters: { [$0.verdict.cryptos.arrayText] },
    order: #"v.escalate_to IS NULL, v.primary_code IS NULL, v.crypto COLLATE "C""#)
}
