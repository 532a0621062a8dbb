import Glibc
public import LogModel
public import SystemPackage

/// One open log: a regular file or the standard input, read in chunks into one reused buffer.
///
/// Closes itself. Only regular files are read (2-log-envelopes, Folders and links): a named pipe, a device, a
/// socket or a folder is refused without being waited for.
public struct LogFile: LogSource, ~Copyable {
  private enum Name {
    case standardInput
    case path(FilePath)
    case found(FoundLog)

    var path: FilePath? {
      switch self {
      case .standardInput: nil
      case .path(let path): path
      case .found(let log): log.readPath
      }
    }
  }

  /// The file's path; nil for the standard input.
  public var path: FilePath? { name.path }
  /// The file's state when it was opened; nil for a pipe on standard input, whose state says nothing.
  public let state: FileState?
  /// The state in the form that files and objects share.
  public var logState: LogState? { state.map { LogState(size: $0.size, modified: $0.modified) } }
  /// How many bytes have been read.
  public private(set) var bytesRead = 0

  private let name: Name
  private let descriptor: Int32
  private let isOwned: Bool

  /// Opens a file.
  /// - Parameters:
  ///   - path: The file.
  ///   - root: The log root that a walk found the file in: a folder at the start of `path`, below which no symbolic
  ///     link is followed. Nil for a path that somebody named: links are followed.
  /// - Throws: `open` where the system refuses, `notRegular` for anything but a regular file.
  public init(_ path: FilePath, below root: FilePath? = nil) throws(InputError) {
    try self.init(openForReading(path, below: root), .path(path), isBelowRoot: root != nil)
  }

  /// Opens a log that a walk found. No symbolic link below the log's root is followed.
  /// - Throws: `open` where the system refuses, `notRegular` for anything but a regular file.
  init(_ log: FoundLog) throws(InputError) {
    try self.init(log.open(), .found(log), isBelowRoot: true)
  }

  private init(_ opened: Result<Int32, Errno>, _ name: Name, isBelowRoot: Bool) throws(InputError) {
    let descriptor: Int32
    switch opened {
    case .success(let opened): descriptor = opened
    case .failure(let failure): throw Self.error(failure, opening: name, isBelowRoot: isBelowRoot)
    }
    do throws(InputError) {
      try self.init(descriptor: descriptor, name, isOwned: true)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func error(_ failure: Errno, opening name: Name, isBelowRoot: Bool) -> InputError {
    let path = name.path
    switch failure {
    case .tooManySymbolicLinkLevels where isBelowRoot: return InputError(.notRegular(.link), path: path)
    // open(2) gives ENXIO for a socket, and ENODEV for a device that is not there.
    case .noSuchAddressOrDevice where path.map(isSocket) == true:
      return InputError(.notRegular(.socket), path: path)
    default: return InputError(.open, path: path, errno: failure)
    }
  }

  /// The standard input: a file, a pipe, a terminal or a device, but not a folder.
  /// - Throws: `open` if it is closed, `notRegular` for a folder.
  public static func standardInput() throws(InputError) -> LogFile {
    try LogFile(descriptor: STDIN_FILENO, .standardInput, isOwned: false)
  }

  /// A file from an open descriptor. It closes a descriptor that it owns. Without a path it is the standard input.
  init(descriptor: Int32, path: FilePath?, isOwned: Bool) throws(InputError) {
    try self.init(descriptor: descriptor, path.map(Name.path) ?? .standardInput, isOwned: isOwned)
  }

  private init(descriptor: Int32, _ name: Name, isOwned: Bool) throws(InputError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw InputError(.open, path: name.path, errno: Errno(rawValue: errno))
    }
    let kind = InputError.FileKind(mode: status.st_mode)
    if let kind, name.path != nil || kind == .folder { throw InputError(.notRegular(kind), path: name.path) }
    self.descriptor = descriptor
    self.name = name
    self.isOwned = isOwned
    self.state = kind == nil ? FileState(status) : nil
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Reads the next bytes into the buffer, from its start; waits for them where the input is a pipe.
  /// - Returns: How many bytes were read; 0 at the end.
  /// - Throws: `read`, with the byte at which it failed.
  public mutating func read(into buffer: inout [UInt8]) throws(InputError) -> Int {
    while true {
      let (count, failure) = retryingWhenInterrupted {
        unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      }
      if count >= 0 {
        bytesRead += count
        return count
      }
      guard failure == .wouldBlock else {
        throw InputError(.read, path: path, offset: bytesRead, errno: failure)
      }
      // The standard input may be in non-blocking mode, which another process can have set.
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = retryingWhenInterrupted { unsafe poll(&waiting, 1, -1) }
    }
  }

  /// Whether the file has changed, or been replaced or removed, since it was opened.
  public func hasChanged() -> Bool {
    guard let state else { return false }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return true }
    return !FileState(status).isOfSameContent(as: state)
  }

  /// An error of this file.
  public func error(_ kind: InputError.Kind, offset: Int?) -> InputError {
    InputError(kind, path: path, offset: offset)
  }

  private static func isSocket(_ path: FilePath) -> Bool {
    var status = stat()
    guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else { return false }
    return InputError.FileKind(mode: status.st_mode) == .socket
  }
}

/// Repeats a system call for as long as signals interrupt it.
/// - Returns: The call's result, and errno if the result is negative.
func retryingWhenInterrupted<Result: SignedInteger>(_ call: () -> Result) -> (Result, Errno) {
  while true {
    let result = call()
    guard result < 0 else { return (result, Errno(rawValue: 0)) }
    let failure = Errno(rawValue: errno)
    guard failure == .interrupted else { return (result, failure) }
  }
}

/// A file's state. A file whose state is the same has not changed.
public struct FileState: Sendable, Hashable {
  /// The size in bytes.
  public let size: Int
  /// The last modification.
  public let modified: LogTime
  /// The last change of the file itself: of its content, its name or its rights.
  let changed: LogTime
  /// The file's device and inode, which stay the same under every name.
  public let key: FileKey
  /// How many names the file has; 0 once it was removed or replaced.
  let names: UInt

  init(_ status: stat) {
    size = Int(status.st_size)
    modified = Self.time(status.st_mtim)
    changed = Self.time(status.st_ctim)
    key = FileKey(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    names = UInt(status.st_nlink)
  }

  /// Whether nothing was written to the file between two looks at it, and nothing has taken its place.
  func isOfSameContent(as other: FileState) -> Bool {
    size == other.size && modified == other.modified && key == other.key && names == other.names
  }

  /// Whether the file was certainly not changed, renamed or put in its place since a moment.
  ///
  /// The system's times have the clock of the machine that serves the files, which may differ by a minute from the one that this program
  /// asks.
  func isUntouched(since moment: LogTime) -> Bool {
    changed.microseconds < moment.microseconds - 60_000_000
  }

  private static func time(_ time: timespec) -> LogTime {
    LogTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Whether a regular file is at the path, which ends in a zero byte; links are not followed.
  static func isRegularFile(_ path: [UInt8]) -> Bool {
    var status = stat()
    let code = unsafe path.withUnsafeBytes { path in
      guard let path = path.baseAddress else { return CInt(-1) }
      return unsafe lstat(path.assumingMemoryBound(to: CChar.self), &status)
    }
    return code == 0 && InputError.FileKind(mode: status.st_mode) == nil
  }

  /// The state of a regular file, links not followed. Nil if no regular file is at the path, or if this user may not look.
  /// - Throws: `list`, with any other error of the system.
  init?(ofRegularFileAt path: FilePath) throws(InputError) {
    var status = stat()
    guard unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0 else {
      let error = InputError(.list, path: path, errno: Errno(rawValue: errno))
      if error.concern == .system { throw error }
      return nil
    }
    guard InputError.FileKind(mode: status.st_mode) == nil else { return nil }
    self.init(status)
  }
}

/// Device and inode of a file or folder. They are the same under every name.
public struct FileKey: Sendable, Hashable {
  /// The device's number.
  public let device: UInt64
  /// The inode's number on that device.
  public let inode: UInt64
}

extension InputError.FileKind {
  /// The kind of file in a mode; nil for a regular file.
  init?(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: return nil
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .pipe
    case S_IFCHR, S_IFBLK: self = .device
    case S_IFSOCK: self = .socket
    case S_IFLNK: self = .link
    default: self = .other
    }
  }
}
