import Glibc
import SystemPackage

/// Why data could not be written to standard output.
enum OutputError: Error {
  /// The reader has gone; the program ends quietly.
  case brokenPipe
  /// The system's reason.
  case failed(Errno)
}

/// Standard output, buffered, with every error reported: `print` says nothing about a full disk.
struct StandardOutput {
  private static let flushSize = 1 << 16

  /// What has not been written yet; append here, then call ``written()``.
  var buffer: [UInt8] = []

  /// Writes the buffer out when it has grown large.
  mutating func written() throws(OutputError) {
    if buffer.count >= Self.flushSize { try flush() }
  }

  /// Writes everything out.
  mutating func flush() throws(OutputError) {
    var start = 0
    while start < buffer.count {
      do {
        start += try unsafe buffer.withUnsafeBytes { bytes in
          try unsafe FileDescriptor.standardOutput.write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
      } catch let failure as Errno {
        buffer.removeAll()
        throw failure == .brokenPipe ? .brokenPipe : .failed(failure)
      } catch {
        buffer.removeAll()
        throw .failed(.ioError)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes everything out and closes, because some file systems report a full disk only then.
  mutating func close() throws(OutputError) {
    try flush()
    do {
      try FileDescriptor.standardOutput.close()
    } catch let failure as Errno where failure != .badFileDescriptor {
      throw .failed(failure)
    } catch {
      return
    }
  }

  /// Whether a person is looking.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

extension StandardOutput {
  /// Writes everything out; ends the command when that fails.
  mutating func closeOrExit() throws {
    do throws(OutputError) {
      try close()
    } catch {
      try error.endCommand()
    }
  }
}

extension OutputError {
  /// Says what is wrong and ends the command; a reader that has gone is nothing to speak of.
  func endCommand() throws {
    guard case .failed(let errno) = self else { return }
    Diagnostics.say("standard output cannot be written: \(errno.description)")
    throw ExitStatus.inputOutput.exit
  }
}
