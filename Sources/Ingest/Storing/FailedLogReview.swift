import DiagnosticWriter
import LogInput
import Logging
import ObjectStore
import SystemPackage

/// Looks whether the logs are still there of which the ledger says that they failed, before anything is read.
///
/// A log that is not stored because another location of its task attempt begins differently (`content_conflict`) is looked at by every
/// run, since the conflict ends when one of the two is gone, or is no longer below what is read. Those that failed for another reason are looked at where failed logs
/// are to be tried again, and only below what the run is asked to read.
struct FailedLogReview {
  private let requests: [LogRequest]
  private let retriesFailed: Bool
  private let dagIDs: Set<String>
  private let logger: Logger

  init(_ requests: [LogRequest], settings: IngestSettings, logger: Logger) {
    self.requests = requests
    retriesFailed = settings.retriesFailed
    dagIDs = settings.dagIDs
    self.logger = logger
  }

  /// Looks at them.
  /// - Parameters:
  ///   - session: For the ledger.
  ///   - clears: Whether logs that no longer exist are removed from the ledger.
  /// - Returns: How many went out of it; and the logs that are there while the stored one that they conflict with is gone, with the
  ///   location of that one.
  /// - Throws: What stopped the ledger.
  func run(
    _ session: DatabaseSession, clears: Bool
  ) throws(DatabaseError) -> (cleared: Int, ended: [String: String]) {
    var (cleared, ended): (Int, [String: String]) = (0, [:])
    var last: Int64 = 0
    while true {
      let position = last
      let logs = try session.retrying("asking the ledger") { (connection) throws(DatabaseError) in
        try connection.failedLogs(after: position, onlyConflicts: !retriesFailed, dagIDs: dagIDs)
      }
      guard let end = logs.last else { return (cleared, ended) }
      last = end.id
      var gone: [FailedLog] = []
      for log in logs {
        let stored = log.conflict.map(place)
        switch place(of: log.location) {
        case .gone: gone.append(log)
        case .there: if stored == .gone { ended[log.location] = log.conflict }
        // The run sees one content only.
        case .elsewhere: if stored == .there { gone.append(log) }
        case .unknown: break
        }
      }
      guard clears, !gone.isEmpty else { continue }
      for log in gone {
        logger.debug("gone, and cleared", metadata: ["path": "\(log.location)"])
      }
      let found = gone
      cleared += try session.retrying("clearing failed logs") { (connection) throws(DatabaseError) in
        try connection.clear(found)
      }
    }
  }

  private enum Place {
    case there, gone
    /// Not below what the run reads.
    case elsewhere
    /// The system, or the store, does not tell.
    case unknown
  }

  private func place(of location: String) -> Place {
    for request in requests {
      switch request {
      case .standardInput: continue
      case .path(let path), .root(let path):
        let root = path.absolute
        guard location.hasPrefix(Self.folder(root.locationText)), case .folder? = try? root.target() else {
          continue
        }
        do throws(InputError) {
          _ = try FilePath(location: location).target()
          return .there
        } catch {
          return error.concern == .absence ? .gone : .unknown
        }
      case .bucket(let bucket, let key, isRoot: _):
        guard location.hasPrefix(Self.folder(bucket.location(of: key))) else { continue }
        do throws(InputError) {
          return try bucket.holds(location) ? .there : .gone
        } catch {
          return .unknown
        }
      }
    }
    return .elsewhere
  }

  private static func folder(_ text: String) -> String { text.hasSuffix("/") ? text : text + "/" }
}
