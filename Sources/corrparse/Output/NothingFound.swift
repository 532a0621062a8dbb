import Ingest
import LogInput
import ObjectStore

/// Warnings of a run that found no log, no block or no task. They say where the run looked and what it saw (2-log-envelopes, Folders and
/// links).
enum NothingFound {
  /// How many places a warning names at most.
  private static let mostPlaces = 3

  /// The warnings of a run of `ingest` or `backfill`.
  static func warnings(
    _ summary: IngestSummary, _ seen: LogsSeen, in requests: [LogRequest], dagIDs: Set<String>
  ) -> [String] {
    var warnings: [String] = []
    if summary.filesFailed == 0, let warning = noLog(seen, in: requests, dagIDs: dagIDs) {
      warnings.append(warning)
    }
    // Do not warn if some logs were unchanged, because the run that read them has said what they hold.
    if summary.filesRead > 0, summary.filesSkipped == 0, summary.filesFailed == 0, summary.blocks == 0 {
      warnings.append(
        noBlock(in: summary.filesRead, recognised: summary.envelopes.sorted(), places(requests)))
    }
    if summary.logsWithoutTask > 0 {
      warnings.append(noTask(in: summary.logsWithoutTask, summary.namesWithoutTask))
    }
    if seen.changedOutside > 0 {
      warnings.append(failedOutside(seen.changedOutside, seen.changedOutsideNames))
    }
    if summary.contentConflicts > 0 { warnings.append(conflicts(summary.contentConflicts)) }
    if summary.logsWithUnreadHeaders > 0 {
      warnings.append(unreadHeaders(in: summary.logsWithUnreadHeaders, summary.namesWithUnreadHeaders))
    }
    if seen.logs > 0, let warning = nearlyLogs(seen.nearlyLogs, seen.nearlyLogNames) {
      warnings.append(warning)
    }
    return warnings
  }

  /// Says that no log is there, or that no log there is wanted; nil where a wanted log was found.
  static func noLog(_ seen: LogsSeen, in requests: [LogRequest], dagIDs: Set<String>) -> String? {
    let places = places(requests)
    if seen.logs == 0 {
      return "no log was found in \(places)" + ignored(seen.ignored, seen.ignoredNames)
        + "; is the place right, and its volume mounted? A log's name ends in .log or .log.gz"
    }
    if !dagIDs.isEmpty, seen.logsOfDAGs == 0 {
      let others =
        seen.dagIDs.isEmpty
        ? "their paths name no DAG; --path-template tells how they are laid out"
        : "the DAGs there are " + list(seen.dagIDs) + (seen.dagIDs.count < 3 ? "" : ", …")
      return
        "no log of the DAG\(dagIDs.count == 1 ? "" : "s") \(list(dagIDs.sorted())) was found among \(Amount.of(seen.logs, "log")) in \(places): \(others)"
    }
    if seen.wanted == 0 {
      return "none of \(Amount.of(seen.logsOfDAGs, "log")) in \(places) is in the window and shard asked for"
    }
    return nil
  }

  /// The warning that no log has a block.
  static func noBlock(in logs: Int, recognised: [String], _ places: String) -> String {
    "no CORRELATION DATA block was found in \(Amount.of(logs, "log")) (\(places)); recognised: "
      + (recognised.isEmpty ? "nothing" : recognised.joined(separator: ", "))
      + "; corrparse lint finds headers that are misspelt"
  }

  /// The warning that logs name no task.
  static func noTask(in logs: Int, _ names: [String]) -> String {
    "\(Amount.of(logs, "log")) name\(logs == 1 ? "s" : "") no task, neither by path nor by lines (\(list(names, of: logs))); if the paths do, --path-template "
      + "with the log_filename_template of airflow.cfg tells how; corrparse logs --status without_identity lists those of every run"
  }

  /// The warning that logs which failed and are other ones now are not in the window.
  static func failedOutside(_ logs: Int, _ names: [String]) -> String {
    "\(Amount.of(logs, "log")) that failed before \(logs == 1 ? "has" : "have") changed since and \(logs == 1 ? "is" : "are") outside of "
      + "the window (\(list(names, of: logs))): a log is in it when the later of its modification time and the time in its run_id is; "
      + "give a --since that reaches back to \(logs == 1 ? "it" : "them")"
  }

  /// The warning that logs are not stored because others of their task attempts are.
  private static func conflicts(_ logs: Int) -> String {
    "\(Amount.of(logs, "log")) \(logs == 1 ? "is" : "are") not stored, because another log of the same task attempt is and begins differently "
      + "(content_conflict), as of two environments below one root: give each its own log root and database "
      + "(docs/deployment.md, Two environments under one log root); the next run then clears \(logs == 1 ? "it" : "them"); "
      + "corrparse issues --kind content_conflict lists them"
  }

  /// The warning that logs have headers of which no block came.
  static func unreadHeaders(in logs: Int, _ names: [String]) -> String {
    "\(Amount.of(logs, "log")) \(logs == 1 ? "has" : "have") headers that were not read (\(list(names, of: logs))); if airflow.cfg "
      + "has a log_format of its own, give it with --line-format or CORRPARSE_LINE_FORMAT, and such logs are read again; "
      + "corrparse issues --kind unread_header lists their lines"
  }

  /// The warning that files look like logs and are not read; nil where there are none.
  static func nearlyLogs(_ number: Int, _ names: [String]) -> String? {
    guard number > 0 else { return nil }
    return
      "\(Amount.of(number, "file")) \(number == 1 ? "is" : "are") not read, whose name\(number == 1 ? " is" : "s are") nearly a log's (\(list(names, of: number))): "
      + "a log is ….log or ….log.gz, and its rotated parts ….log.1, ….log.2 lie beside it; unpack or rename what is missing, or name the file to parse"
  }

  /// `; 3 files there have other names (a, b, c)`, or an empty text if there are none.
  static func ignored(_ number: Int, _ names: [String]) -> String {
    guard number > 0 else { return "" }
    return
      "; \(Amount.of(number, "file")) there \(number == 1 ? "has another name" : "have other names") (\(list(names, of: number)))"
  }

  /// The places that were asked for, with the names that a person would use.
  static func places(_ requests: [LogRequest]) -> String {
    let names = requests.prefix(mostPlaces).map { request in
      switch request {
      case .standardInput: "the standard input"
      case .path(let path), .root(let path): path.locationText
      case .bucket(let bucket, let key, isRoot: _): bucket.location(of: key)
      }
    }
    return names.joined(separator: ", ") + (requests.count > mostPlaces ? ", …" : "")
  }

  private static func list(_ names: [String]) -> String {
    names.joined(separator: ", ")
  }

  /// The first names of so many.
  private static func list(_ names: [String], of number: Int) -> String {
    list(names) + (number > names.count ? ", …" : "")
  }
}
