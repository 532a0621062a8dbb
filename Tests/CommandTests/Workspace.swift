import Glibc
import TestSupport

/// A folder of a test's own, deleted with everything in it when it is released.
final class Workspace {
  let path: String

  init() throws {
    var template = Array("/tmp/corrparse-command.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw ChildProcess.Failure("mkdtemp: \(String(cString: strerror(errno)))")
    }
    path = String(cString: made)
    chmod(path, 0o755)
  }

  deinit {
    _ = try? ChildProcess("/bin/rm", ["-rf", "--", path].map { Array($0.utf8) }).finish()
  }

  /// The whole path of a name in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file, and makes the folders that it needs.
  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: Array(name.utf8))
  }

  func write(_ bytes: [UInt8], to name: String) throws { try write(bytes, to: Array(name.utf8)) }

  func write(_ text: String, to name: [UInt8]) throws { try write(Array(text.utf8), to: name) }

  /// Names are bytes; the way to them is walked step by step, because a path may be longer than the system takes at once.
  func write(_ bytes: [UInt8], to name: [UInt8]) throws {
    var steps = name.split(separator: UInt8(ascii: "/")).map(Array.init)
    let file = steps.removeLast()
    var folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(folder) }
    for step in steps {
      let next = step.withCString { name -> Int32 in
        mkdirat(folder, name, 0o755)
        return openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      guard next >= 0 else { throw ChildProcess.Failure("mkdir: \(String(cString: strerror(errno)))") }
      close(folder)
      folder = next
    }
    let descriptor = file.withCString { openat(folder, $0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw ChildProcess.Failure("open: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw ChildProcess.Failure("write: \(String(cString: strerror(errno)))") }
      start += count
    }
  }

  /// The bytes of a file.
  func read(_ name: String) throws -> [UInt8] {
    let descriptor = open(callAsFunction(name), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ChildProcess.Failure("\(name) cannot be read") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }

  func makePipe(_ name: String) throws {
    guard mkfifo(self(name), 0o644) == 0 else {
      throw ChildProcess.Failure("mkfifo: \(String(cString: strerror(errno)))")
    }
  }

  /// Sets a file's modification time, in seconds since 1970.
  func setModified(_ name: String, to seconds: Int) {
    let time = timespec(tv_sec: seconds, tv_nsec: 0)
    let times = [time, time]
    utimensat(AT_FDCWD, self(name), times, 0)
  }
}

extension [UInt8] {
  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("a terminated string is not empty") }
      return body(start)
    }
  }
}
