import Glibc
import LogModel
public import SystemPackage

/// A log together with its earlier parts, which a rotating handler has renamed to `….log.1`, `.2` and so on. They are read as one log: the
/// part with the highest number first, the log itself last (2-log-envelopes, Identity).
struct RotatedLog: LogSource, ~Copyable {
  /// One file, so that several can be held in an array.
  private final class Part {
    var file: LogFile
    let path: FilePath

    init(_ path: FilePath, below root: FilePath?) throws(InputError) {
      file = try LogFile(path, below: root)
      self.path = path
    }

    /// Whether its name still leads to it.
    var isInPlace: Bool { (try? FileState(ofRegularFileAt: path))?.key == file.state?.key }
  }

  private let path: FilePath
  private let numbers: [Int]
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
    numbers = rotated
    for number in rotated {
      do throws(InputError) {
        parts.append(try Part(path.appending(rotation: number), below: root))
      } catch {
        guard error.concern == .absence else { throw error }
        lacksPart = true
      }
    }
    parts.append(try Part(path, below: root))
  }

  /// Opens a log and its parts, and does so again where it was rotated meanwhile.
  /// - Parameters:
  ///   - path: The log itself.
  ///   - root: As of ``LogFile/init(_:below:)``.
  ///   - rotated: The numbers of its parts as they were listed, the earliest part first.
  ///   - attempts: How often to open them at most.
  /// - Returns: The open log.
  /// - Throws: What ``LogFile/init(_:below:)`` throws; `open` where the log is rotated again and again. The next run reads it then.
  static func opened(
    _ path: FilePath, below root: FilePath?, rotated: [Int], attempts: Int = 50
  ) throws(InputError) -> RotatedLog {
    do throws(InputError) {
      let log = try RotatedLog(path, below: root, rotated: rotated)
      if log.isInPlace { return log }
      guard attempts > 1 else { throw InputError(.open, path: path, errno: .resourceBusy) }
    } catch {
      // Between two renames of the handler there are parts, and no log.
      guard error.concern == .absence, attempts > 1, path.hasRotatedPart(1) else { throw error }
    }
    usleep(2000)
    return try opened(
      path, below: root, rotated: path.rotatedNumbers(knowing: rotated), attempts: attempts - 1)
  }

  /// Whether all parts are in their places and no further one has come: else the log was rotated while they were opened, and one may be
  /// missing among them or there twice.
  var isInPlace: Bool {
    !lacksPart && parts.allSatisfy(\.isInPlace) && path.rotatedNumbers(knowing: numbers) == numbers
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

  /// Whether the log at this path has an earlier part of a number.
  func hasRotatedPart(_ number: Int) -> Bool { Self.hasRotatedPart(number, of: [], bytes) }

  /// The same of a log whose path is these bytes behind a beginning.
  static func hasRotatedPart(_ number: Int, of beginning: [UInt8], _ rest: [UInt8]) -> Bool {
    guard rest.suffix(4).elementsEqual(".log".utf8) else { return false }
    return FileState.isRegularFile(beginning + rest + Array(".\(number)".utf8) + [0])
  }

  /// The numbers of the earlier parts that there are now, the earliest first: those known before, and those from 1 on. While parts are
  /// renamed one after the other, one number is missing among them and one more is used, so numbers are tried a little further.
  func rotatedNumbers(knowing known: [Int]) -> [Int] {
    var numbers = Set(known.filter(hasRotatedPart))
    var (next, last) = (1, (known.filter { $0 <= Self.mostNumbers }.max() ?? 0) + 2)
    while next <= last {
      if hasRotatedPart(next) {
        numbers.insert(next)
        last = max(last, min(next, Self.mostNumbers) + 2)
      }
      next += 1
    }
    return numbers.sorted(by: >)
  }

  /// Parts are numbered one after the other; a number beyond is rather a date.
  private static let mostNumbers = 10_000

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
