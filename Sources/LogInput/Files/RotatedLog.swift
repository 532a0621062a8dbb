import LogModel
public import SystemPackage

/// A log together with its earlier parts, which a rotating handler has renamed to `….log.1`, `.2` and so on. They are read as one log: the
/// part with the highest number first, the log itself last (2-log-envelopes, Identity).
struct RotatedLog: LogSource, ~Copyable {
  /// One file, so that several can be held in an array.
  private final class Part {
    var file: LogFile

    init(_ file: consuming LogFile) {
      self.file = file
    }
  }

  private let path: FilePath
  private var parts: [Part] = []
  private var next = 0
  /// Whether a part was renamed or removed between listing and opening.
  private var lacksPart = false
  private(set) var bytesRead = 0

  /// Opens a log and all of its parts before the first byte is read, because the handler can rename them meanwhile.
  /// - Parameters:
  ///   - path: The log itself.
  ///   - root: As of ``LogFile/init(_:below:)``.
  ///   - rotated: The numbers of its parts, the earliest part first.
  /// - Throws: What ``LogFile/init(_:below:)`` throws.
  init(_ path: FilePath, below root: FilePath?, rotated: [Int]) throws(InputError) {
    self.path = path
    for number in rotated {
      do throws(InputError) {
        parts.append(Part(try LogFile(path.appending(rotation: number), below: root)))
      } catch {
        guard error.concern == .absence else { throw error }
        lacksPart = true
      }
    }
    parts.append(Part(try LogFile(path, below: root)))
  }

  var logState: LogState? {
    let states = parts.compactMap { $0.file.logState }
    guard states.count == parts.count, let first = states.first else { return nil }
    return states.dropFirst().reduce(first) { sum, state in
      LogState(size: sum.size + state.size, modified: max(sum.modified, state.modified))
    }
  }

  mutating func read(into buffer: inout [UInt8]) throws(InputError) -> Int {
    while next < parts.count {
      let count = try parts[next].file.read(into: &buffer)
      if count > 0 {
        bytesRead += count
        return count
      }
      next += 1
    }
    return 0
  }

  func hasChanged() -> Bool {
    lacksPart || parts.contains { $0.file.hasChanged() }
  }

  func error(_ kind: InputError.Kind, offset: Int?) -> InputError {
    InputError(kind, path: path, offset: offset)
  }
}

extension FilePath {
  /// The path of a log's earlier part.
  func appending(rotation number: Int) -> FilePath {
    FilePath(bytes: bytes + Array(".\(number)".utf8))
  }

  /// The earlier parts of the log at this path, the earliest first. Empty if the path does not have a log's name.
  public var rotatedParts: [(number: Int, state: FileState)] {
    guard let name = lastComponent, name.string.hasSuffix(".log") else { return [] }
    var parts: [(number: Int, state: FileState)] = []
    while case .file(let state)? = try? appending(rotation: parts.count + 1).target() {
      parts.append((parts.count + 1, state))
    }
    return parts.reversed()
  }
}
