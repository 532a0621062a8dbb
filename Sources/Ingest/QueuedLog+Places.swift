import DiagnosticWriter
import LogInput
import LogModel
import ObjectStore
import SystemPackage

extension QueuedLog {
  /// A log that a walk found.
  init(_ found: FoundLog) {
    self.init(
      place: .file(found.readPath, root: found.readRoot),
      description: LogDescription(
        location: found.path.absolute.locationText, identity: found.logPath?.identity,
        name: found.relativePath.locationText),
      size: Int64(found.size), modified: found.modified)
  }

  /// An object; where it was listed below a prefix, that is its root.
  init(_ object: FoundObject) {
    self.init(
      place: .object(object),
      description: LogDescription(
        location: object.location, identity: object.logPath?.identity, name: object.relativeName),
      size: Int64(object.state?.size ?? 0), modified: object.state?.modified,
      entityTag: object.state?.entityTag)
  }

  /// A file that somebody named. Without a root of its own, its root is the file system's: logs of the same name in two
  /// folders are two sources.
  init(file path: FilePath) {
    let location = path.absolute.locationText
    let state = FileState(of: path)
    self.init(
      place: .file(path, root: nil),
      description: LogDescription(
        location: location, identity: LogPath(path.absolute)?.identity, name: location),
      size: Int64(state?.size ?? 0), modified: state?.modified)
  }

  /// The standard input.
  init(_ piped: PipedLog) {
    let name = piped.identity.map { identity in
      "\(identity.dagID)/\(identity.runID)/\(identity.taskID)/\(identity.mapIndex ?? -1)/"
        + "\(identity.tryNumber)/\(identity.part)"
    }
    self.init(
      place: .standardInput,
      description: LogDescription(
        location: "stdin:" + (name ?? piped.name), identity: piped.identity, name: piped.name),
      size: 0, modified: nil)
  }

  /// Whether it is an object of which a listing says that it is archived.
  var isArchived: Bool {
    if case .object(let object) = place { object.isArchived } else { false }
  }
}
