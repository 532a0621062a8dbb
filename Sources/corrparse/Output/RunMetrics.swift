import ArgumentParser
import Diagnosis
import HTTPTransport
import Ingest
import LogModel
import Prometheus
import Synchronization

/// The result of a run of `ingest` or `backfill` as Prometheus metrics: in a file, at a Pushgateway, in both or in neither.
///
/// Metrics never decide how a run ends: if they cannot be written or pushed, that is a warning.
final class RunMetrics: Sendable {
  private struct State {
    var summary = IngestSummary()
    var isFinished = false
  }

  /// The metrics of the run at hand, for a signal that ends the program at once.
  private static let current = Mutex<RunMetrics?>(nil)
  /// Seconds for a push. They leave time between the end of a stopped run and Kubernetes' SIGKILL.
  private static let pushSeconds = 5
  private static let lastCompletion = "corrparse_last_completion_timestamp_seconds"
  private static let lastSuccess = "corrparse_last_success_timestamp_seconds"

  private let file: MetricsFile?
  private let gateway: String?
  private let certificates: String?
  private let labels: [MetricsText.Label]
  /// The labels of the group in the Pushgateway besides these.
  private let groupLabels: [MetricsText.Label]
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  private init(_ options: MetricsOptions, command: String, shard: LogShard?) throws {
    groupLabels = try options.labels()
    file = options.metricsFile.map { MetricsFile(RawArguments.path($0)) }
    gateway = options.gateway
    certificates = options.certificates.file()
    // Shards run side by side. The metrics of one must not replace those of another.
    labels =
      [(name: "command", value: command)]
      + (shard.map { [(name: "shard", value: "\($0.index)-of-\($0.count)")] } ?? [])
  }

  /// Runs a command and tells how it ended, whether it succeeded or failed.
  static func telling(
    _ options: MetricsOptions, command: String, shard: LogShard? = nil, _ body: (RunMetrics) throws -> Void
  ) throws {
    let metrics = try RunMetrics(options, command: command, shard: shard)
    current.withLock { $0 = metrics }
    do {
      try body(metrics)
    } catch {
      metrics.finish(Corrparse.exitCode(for: error).rawValue)
      throw error
    }
    metrics.finish(ExitStatus.done.rawValue)
  }

  /// Writes and pushes the metrics of a run that a signal ends at once.
  static func finishCurrent(_ status: Int32) { current.withLock { $0 }?.finish(status) }

  /// Takes the counts of the run.
  func note(_ summary: IngestSummary) { state.withLock { $0.summary = summary } }

  private func finish(_ status: Int32) {
    guard file != nil || gateway != nil else { return }
    let summary: IngestSummary? = state.withLock { state in
      defer { state.isFinished = true }
      return state.isFinished ? nil : state.summary
    }
    guard let summary else { return }
    let text = text(summary, status)
    if let file, let failure = write(text, to: file) {
      Diagnostics.say("the metrics are not written: \(failure)", .warning)
    }
    if let gateway, let failure = push(text, to: gateway) {
      Diagnostics.say("the metrics are not pushed: \(failure)", .warning)
    }
  }

  private func text(_ summary: IngestSummary, _ status: Int32) -> MetricsText {
    var text = MetricsText(labels)
    let now = Self.seconds(LogTime.now)
    text.gauge(
      "corrparse_build_info", "The program; always 1.",
      [(labels: [(name: "version", value: Version.program)], value: 1)])
    text.gauge("corrparse_last_run_timestamp_seconds", "When the last run ended, since 1970.", now)
    text.gauge("corrparse_last_run_duration_seconds", "How long the last run took.", elapsed)
    text.gauge("corrparse_last_run_exit_code", "The exit status of the last run; 0 is success.", status)
    text.gauge(
      "corrparse_last_run_logs_read", "Logs that the last run read, whatever came of it.", summary.filesRead)
    text.gauge(
      "corrparse_last_run_logs_unchanged", "Logs that the ledger told the last run are unchanged.",
      summary.filesSkipped)
    text.gauge(
      "corrparse_last_run_logs_failed",
      "Logs and folders that could not be read or stored whole, or are damaged.",
      summary.filesFailed)
    text.gauge(
      "corrparse_last_run_logs_archived", "Objects that the last run passed over because they are archived.",
      summary.filesArchived)
    text.gauge(
      "corrparse_last_run_content_conflicts",
      "Logs that the last run did not store: another location of their task attempt begins differently.",
      summary.contentConflicts)
    text.gauge(
      "corrparse_last_run_files_ignored",
      "Files and objects that the last run ignored: no log has such a name.",
      summary.filesIgnored)
    text.gauge(
      "corrparse_last_run_logs_without_task",
      "Logs that the last run read and whose task neither path nor flags nor lines name.",
      summary.logsWithoutTask)
    text.gauge(
      "corrparse_last_run_logs_with_unread_headers",
      "Logs in which headers were not read, read by the last run or unchanged since.",
      summary.logsWithUnreadHeaders)
    text.gauge(
      "corrparse_last_run_records_without_fields",
      "Records without any usable field among those that the last run stored or found stored.",
      summary.recordsWithoutFields)
    text.gauge(
      "corrparse_last_run_records_left_out",
      "Records that the last run read and left out: another log of their task attempt is the better reading.",
      summary.recordsLeftOut)
    text.gauge(
      "corrparse_last_run_blocks_found",
      "Blocks that the last run found: the sum of corrparse_last_run_blocks.",
      summary.blocks)
    text.gauge(
      "corrparse_last_run_blocks", "What became of the blocks that the last run found.",
      [
        ("stored", summary.stored), ("unchanged", summary.unchanged), ("replayed", summary.replayed),
        ("rejected", summary.rejected),
      ].map { (labels: [(name: "result", value: $0.0)], value: $0.1) })
    text.gauge(
      "corrparse_last_run_records_deleted", "Records that went in the last run because their blocks did.",
      summary.deleted)
    text.gauge(
      "corrparse_last_run_verdicts",
      "Records that the last run stored or found stored, by their primary code; without one all_clear or unclassified.",
      (DiagnosisCode.allCases.map(\.rawValue) + Verdict.labelsWithoutCode).map {
        (labels: [(name: "code", value: $0)], value: summary.primaries[$0] ?? 0)
      })
    text.gauge(
      "corrparse_last_run_source_issues",
      "Issues of logs themselves, other than of their blocks, of the logs that the last run stored or found stored.",
      IssueKind.ofSources.map { kind in
        (labels: [(name: "kind", value: kind.rawValue)], value: summary.sourceIssues[kind] ?? 0)
      })
    text.gauge("corrparse_last_run_read_bytes", "Bytes that the last run read, decompressed.", summary.bytes)
    // A run without a value of its own leaves the last value as it is. A log root without any log is more likely a volume that was
    // mounted empty than a platform at rest.
    guard summary.filesFound > 0 else { return text }
    let isComplete = status == ExitStatus.done.rawValue || status == ExitStatus.damagedInput.rawValue
    if isComplete { text.gauge(Self.lastCompletion, Self.completionHelp, now) }
    if status == ExitStatus.done.rawValue { text.gauge(Self.lastSuccess, Self.successHelp, now) }
    return text
  }

  private static let completionHelp =
    "When a run last went over all its logs, damaged ones included (exit status 0 or 65), and there were some."
  private static let successHelp = "When a run that found logs last ended with exit status 0."

  /// The whole file. A metric for which this run has no value is taken over from the file of the run before.
  private func write(_ text: MetricsText, to file: MetricsFile) -> String? {
    var text = text
    if let old = file.content {
      for (name, help) in [(Self.lastCompletion, Self.completionHelp), (Self.lastSuccess, Self.successHelp)]
      where text.value(of: name, in: text.text) == nil {
        if let value = text.value(of: name, in: old), Double(value) != nil { text.gauge(name, help, value) }
      }
    }
    return file.replace(Array(text.text.utf8))
  }

  private func push(_ text: MetricsText, to url: String) -> String? {
    do {
      let gateway = try Pushgateway(
        url, certificates: certificates, timeout: Self.pushSeconds, userAgent: "corrparse/\(Version.program)")
      return gateway.push(text, job: "corrparse", group: labels + groupLabels)
    } catch {
      return error.description
    }
  }

  private var elapsed: String {
    let parts = (ContinuousClock.now - start).components
    return Self.seconds(
      LogTime(microseconds: parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000))
  }

  /// A number with three digits after the point.
  private static func seconds(_ time: LogTime) -> String {
    let milliseconds = time.microseconds / 1000
    let digits = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}
