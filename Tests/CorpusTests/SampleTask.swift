import CorrelationGrammar
import Diagnosis
import Ingest
import RecordFormats
import SystemPackage
import TestSupport

/// A sample log and what its task really emitted.
struct SampleTask: Sendable, CustomStringConvertible {
  /// One block as the task wrote it.
  struct Block: Sendable {
    var number: Int
    var how: String
    var hasEndMarker: Bool
    /// False where the task died in the middle of it.
    var isComplete: Bool
    /// Key and value as emitted, in order.
    var pairs: [String: String]
  }

  /// The folder with `logs` and `truth`.
  var root: String
  /// `af26_default`, …
  var variant: String
  /// Below the variant's log root.
  var path: String

  var description: String { variant + "/" + path }
  var isAirflow3: Bool { variant.hasPrefix("af3") }

  /// The part of the path behind a key: `component("task_id")`.
  func component(_ key: String) -> String? {
    path.split(separator: "/").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  /// The task without its `test_step`.
  var task: String {
    let name = component("task_id") ?? ""
    return name.hasSuffix(".test_step") ? String(name.dropLast(10)) : name
  }

  /// Every task log of the variants in the two envelopes of Airflow 2 text and Airflow 3 JSON lines.
  static func all(in root: String) -> [SampleTask] {
    ["af26_default", "af211_default", "af33_default"].flatMap { variant in
      Files.files(below: "\(root)/logs/\(variant)/logs")
        .filter { $0.hasPrefix("dag_id=") && $0.hasSuffix(".log") }
        .map { SampleTask(root: root, variant: variant, path: $0) }
    }
  }

  var bytes: [UInt8] { Files.bytes("\(root)/logs/\(variant)/logs/\(path)") ?? [] }

  /// What the log gives.
  func parse() -> (records: [ClassifiedRecord], scan: LogScan?) {
    var run = ParseRun()
    var records: [ClassifiedRecord] = []
    var scan: LogScan?
    run.parse(
      .path(FilePath("\(root)/logs/\(variant)/logs/\(path)")), record: { records.append($0) },
      notice: { notice in
        if case .finished(_, let found) = notice { scan = found }
      }, chunkEnd: {})
    return (records, scan)
  }

  /// What the task emitted; nothing for logs of which there is no truth, such as a triggerer's.
  func truth() -> [Block] {
    let file = "\(root)/truth/\(variant)/\(path.dropLast(4)).jsonl"
    let text = String(decoding: Files.bytes(file) ?? [], as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      guard let tree = JSONTree(String(line)), let number = tree["seq"].flatMap({ Int($0.text) }) else {
        return nil
      }
      let isComplete = tree["complete"]?.text == "true"
      let emitted = isComplete ? Self.fields(tree) : Self.lines(tree)
      return Block(
        number: number, how: tree["how"]?.plainString ?? "", hasEndMarker: tree["end_marker"]?.text == "true",
        isComplete: isComplete,
        pairs: Dictionary(emitted, uniquingKeysWith: { _, last in last }))
    }
  }

  private static func fields(_ tree: JSONTree) -> [(String, String)] {
    (tree["fields"]?.members ?? []).map {
      (String($0.key.dropFirst().dropLast()), $0.value.plainString ?? "")
    }
  }

  private static func lines(_ tree: JSONTree) -> [(String, String)] {
    (tree["lines"]?.items ?? []).compactMap { line in
      let parts = (line.plainString ?? "").split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 && !parts[0].isEmpty ? (String(parts[0]), String(parts[1])) : nil
    }
  }

  /// The attempt's state in Airflow's own database; nil where it keeps only later attempts.
  func stateInDatabase() -> String? {
    let rows = ["task_instance.tsv", "task_instance_history.tsv"].flatMap { name in
      String(decoding: Files.bytes("\(root)/truth/\(variant)/\(name)") ?? [], as: UTF8.self)
        .split(separator: "\n").map {
          $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
    let attempt = path.split(separator: "/").last?.dropFirst(8).dropLast(4)
    return rows.first {
      $0.count > 6 && $0[0] == component("dag_id") && $0[1] == component("run_id")
        && $0[2] == component("task_id") && $0[3] == component("map_index") ?? "-1" && $0[4] == attempt ?? ""
    }?[6]
  }
}
