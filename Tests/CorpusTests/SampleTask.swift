import CorrelationGrammar
import Diagnosis
import GoldenCorpus
import Ingest
import LogModel
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

  /// The variants whose logs lie as Airflow's default template has them.
  private static let plainVariants = ["af26_default", "af211_default", "af33_default", "af211_es_json"]

  /// Every task log of every variant that has a truth, and the triggerers' logs.
  static func all(in root: String) -> [SampleTask] {
    let plain = plainVariants.flatMap { variant in
      Files.files(below: "\(root)/logs/\(variant)/logs")
        .filter { $0.hasPrefix("dag_id=") && $0.hasSuffix(".log") }
        .map { SampleTask(root: root, variant: variant, path: $0) }
    }
    let others = ["af211_custom", "af33_pod"].flatMap { variant in
      Files.files(below: "\(root)/truth/\(variant)").filter { $0.hasSuffix(".jsonl") }
        .map { SampleTask(root: root, variant: variant, path: $0.dropLast(6) + ".log") }
        .filter { !$0.files.isEmpty }
    }
    return plain + others
  }

  /// The files that hold the attempt's log: a resumed deferral is a second output of its pod.
  var files: [String] {
    let folder = "\(root)/logs/\(variant)"
    let attempt = path.split(separator: "/").last.map { String($0.dropFirst(8).dropLast(4)) } ?? ""
    let index = component("map_index")
    let candidates: [String]
    switch variant {
    case "af211_custom":
      let date = component("run_id").map { $0.split(separator: "_").last.map(String.init) ?? $0 } ?? ""
      let name = (index.map { $0 + "_" } ?? "") + attempt + ".log"
      candidates = ["logs/\(component("dag_id") ?? "")/\(component("task_id") ?? "")/\(date)/\(name)"]
    case "af33_pod":
      let name = "tasks/\(component("task_id") ?? "")." + (index.map { "map\($0)." } ?? "")
      let numbers = task == "deferred" ? ["1", "2"] : [attempt]
      candidates = numbers.map { name + $0 + ".stdout.log" }
    default:
      candidates = ["logs/" + path]
    }
    return candidates.map { "\(folder)/\($0)" }.filter { Files.bytes($0) != nil }
  }

  var bytes: [UInt8] { files.flatMap { Files.bytes($0) ?? [] } }

  /// What the log gives; of several files the last one's scan.
  func parse() throws -> (records: [ClassifiedRecord], scan: LogScan?) {
    let format = variant == "af211_custom" ? "%(asctime)s %(levelname)-8s [%(name)s] %(message)s" : nil
    var records: [ClassifiedRecord] = []
    var scan: LogScan?
    for file in files {
      let found = Self.parse(file, lineFormat: try format.map { try LineFormat($0) })
      records += found.records
      scan = found.scan
    }
    return (records, scan)
  }

  /// What a file gives.
  static func parse(
    _ file: String, lineFormat: LineFormat? = nil
  ) -> (records: [ClassifiedRecord], scan: LogScan?) {
    var run = ParseRun(lineFormat: lineFormat)
    var records: [ClassifiedRecord] = []
    var scan: LogScan?
    run.parse(
      .path(FilePath(file)), record: { records.append($0) },
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
