import LogModel
import RecordFormats
import TestSupport
import Testing

/// Downloaded and wrapped forms give the records of the log they were made from.
@Suite(.enabled(if: SampleLogs.folder != nil, "the shared samples are not beside this checkout"))
struct WrappedFormTests {
  /// A log in another form, and the log it was made from; both below the samples' `logs`.
  struct Form: Sendable, CustomStringConvertible {
    var path: String
    var original: String
    var description: String { path }
  }

  private static let two =
    "af211_default/logs/dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00"
  private static let three =
    "af33_default/logs/dag_id=launch__discovery/run_id=manual__2026-11-23T05:57:40.236115+00:00"
  private static let pod = "af33_pod/tasks/test_step.1.stdout.log"

  static let forms: [Form] = {
    var forms = [
      Form(path: "cri/af211_multiline.cri.log", original: two + "/task_id=multiline.test_step/attempt=1.log"),
      Form(path: "cri/af211_test_step.cri.log", original: two + "/task_id=test_step/attempt=1.log"),
      Form(path: "cri/af33_pod_stdout.cri.log", original: pod),
      Form(path: "cri/af33_test_step.cri.log", original: three + "/task_id=test_step/attempt=1.log"),
      Form(
        path: "docker_json/af211_multiline.json.log",
        original: two + "/task_id=multiline.test_step/attempt=1.log"),
      Form(path: "docker_json/af33_pod_stdout.json.log", original: pod),
      Form(path: "docker_json/af33_test_step.json.log", original: three + "/task_id=test_step/attempt=1.log"),
    ]
    for (folder, root) in [("af211_default_ui_download", two), ("af33_default_api_download", three)] {
      for name in Files.files(below: "\(SampleLogs.folder ?? "")/logs/\(folder)").sorted() {
        // TASK.mapINDEX.attemptTRY.txt, with -1 for a task that is not mapped.
        let parts = name.split(separator: ".")
        guard let map = parts.firstIndex(where: { $0.hasPrefix("map") && Int($0.dropFirst(3)) != nil }) else {
          continue
        }
        let task = parts[..<map].joined(separator: ".")
        let index = parts[map].dropFirst(3)
        let attempt = parts[map + 1].dropFirst(7)
        let folderOfIndex = index == "-1" ? "" : "/map_index=\(index)"
        forms.append(
          Form(
            path: "\(folder)/\(name)",
            original: "\(root)/task_id=\(task)\(folderOfIndex)/attempt=\(attempt).log"))
      }
    }
    return forms
  }()

  /// What must be the same: everything but the places.
  private struct Content: Hashable {
    var fields: [String]
    var gates: [Gate]?
    var extras: [ExtraPair]
    var issues: [String]

    init(_ record: CorrelationRecord) {
      fields = record.fields.map { "\($0.key.name)=\($0.value)" }
      gates = record.gates
      extras = record.extras
      issues = record.issues.map { "\($0.kind.rawValue) \($0.key ?? "")" }.sorted()
    }
  }

  private static func contents(_ records: [ClassifiedRecord]) -> [String] {
    records.map { "\(Content($0.record))" }.sorted()
  }

  @Test func `the forms are all there`() {
    // 4 and 3 wrapped by collectors, 11 downloads of 2.11 and 19 of 3.3.
    #expect(Self.forms.count == 4 + 3 + 11 + 19)
  }

  @Test(arguments: forms.filter { !$0.path.contains("threads") })
  func `a form gives the records of its log`(form: Form) throws {
    let folder = try #require(SampleLogs.folder) + "/logs/"
    let got = SampleTask.parse(folder + form.path)
    let expected = SampleTask.parse(folder + form.original)
    #expect(!expected.records.isEmpty)
    #expect(got.scan?.status == .complete)
    #expect(Self.contents(got.records) == Self.contents(expected.records))
    #expect(got.records.map(\.record.headerTime) == got.records.map(\.observedAt))
  }

  /// The UI drops lines that are equal to the one before (log-formats, Downloads of Airflow 2), even a
  /// header; what two threads wrote is interleaved in either form.
  @Test(arguments: forms.filter { $0.path.contains("threads") })
  func `nothing of two threads is told apart in a form either`(form: Form) throws {
    let root = try #require(SampleLogs.folder)
    let variant = try #require(form.original.split(separator: "/").first.map(String.init))
    let path = form.original.dropFirst(variant.utf8.count + "/logs/".utf8.count)
    let task = SampleTask(root: root, variant: variant, path: String(path))
    let whole = task.truth().filter { $0.how == "multi" }
    #expect(whole.count == 8)
    let records = SampleTask.parse(root + "/logs/" + form.path).records.map(\.record)
    var apart = 0
    for record in records where !record.issues.contains(where: { $0.kind == .interleaved }) {
      apart += 1
      #expect(whole.contains { KnownDifferences.expectation(of: $0, of: task).isMet(by: record) })
    }
    // What each thread logged in one record of its own is all that can be told apart.
    #expect(apart == whole.count)
    for record in records where record.issues.contains(where: { $0.kind == .interleaved }) {
      #expect(record.fields.isEmpty && record.gates == nil && record.extras.isEmpty)
    }
  }
}
