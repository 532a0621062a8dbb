import DiagnosticWriter
import LogInput
import LogModel
import ObjectStore
import SystemPackage

extension QueuedLog {
  private init(
    _ place: LogPlace, location: String, of given: GivenTask?, name: String, size: Int = 0,
    modified: LogTime? = nil, entityTag: String? = nil
  ) {
    self.init(
      place: place,
      description: LogDescription(location: location, identity: given?.identity, name: name), given: given,
      size: Int64(size), modified: modified, entityTag: entityTag)
  }

  /// A log that a walk found.
  init(_ found: FoundLog) {
    self.init(
      .file(found.readPath, root: found.readRoot), location: found.path.absolute.locationText,
      of: GivenTask(found.logPath), name: found.relativePath.locationText, size: found.size,
      modified: found.modified)
  }

  /// An object; where it was listed below a prefix, that is its root.
  init(_ object: FoundObject) {
    self.init(
      .object(object), location: object.location, of: GivenTask(object.logPath), name: object.relativeName,
      size: object.state?.size ?? 0, modified: object.state?.modified, entityTag: object.state?.entityTag)
  }

  /// A file that somebody named. Without a root of its own, its root is the file system's: logs of the same name in two
  /// folders are two sources.
  init(file path: FilePath, _ state: FileState?) {
    let location = path.absolute.locationText
    self.init(
      .file(path, root: nil), location: location, of: GivenTask(LogPath(path.absolute)), name: location,
      size: state?.size ?? 0, modified: state?.modified)
  }

  /// The standard input.
  init(_ piped: PipedLog) {
    let name = piped.identity.map { identity in
      "\(identity.dagID)/\(identity.runID)/\(identity.taskID)/\(identity.mapIndex ?? -1)/"
        + "\(identity.tryNumber)/\(identity.part)"
    }
    self.init(
      .standardInput, location: "stdin:" + (name ?? piped.name),
      of: piped.identity.map(GivenTask.init(flags:)),
      name: piped.name)
  }

  /// Whether it is an object of which a listing says that it is archived.
  var isArchived: Bool {
    if case .object(let object) = place { object.isArchived } else { false }
  }
}
