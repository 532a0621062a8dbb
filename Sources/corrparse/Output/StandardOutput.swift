import Glibc
import SystemPackage

/// The reason why data could not be written to standard output.
enum OutputError: Error {
  /// The reader has closed the pipe. The program ends quietly.
  case brokenPipe
  /// The system's error.
  case failed(Errno)
}

/// Standard output with a buffer. It reports every error, while `print` says nothing about a full disk.
struct StandardOutput {
  private static let flushSize = 1 << 16

  /// The bytes that have not been written yet.
  private var buffer: [UInt8] = []

  /// Adds a line for a person. Its end is added too, and a line feed in a value does not end it.
  mutating func line(_ line: StyledText) {
    buffer += line.text.utf8
    buffer.append(0x0A)
  }

  /// Adds what a format has written that escapes by itself what is not the program's own: JSON, CSV, a table, a page.
  mutating func document(_ bytes: some Sequence<UInt8>) {
    buffer += bytes
  }

  /// The same of bytes that are then gone. They are not copied where nothing waits.
  mutating func document(taking bytes: inout [UInt8]) {
    if buffer.isEmpty { swap(&buffer, &bytes) } else { buffer += bytes }
    bytes.removeAll(keepingCapacity: true)
  }

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

  /// Writes everything out.
  /// - Returns: Why it could not be written; nil where it was.
  mutating func flushing() -> OutputError? {
    do throws(OutputError) {
      try flush()
      return nil
    } catch {
      return error
    }
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

  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// How many columns tables have: the terminal's, else those of the variable COLUMNS; nil where nothing tells, so that a file has
  /// everything.
  static var width: Int? {
    var size = winsize()
    if isTerminal, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    if let columns = Environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
    return isTerminal ? 80 : nil
  }
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
  /// Reports the error and ends the command. If the reader has closed the pipe, nothing is reported.
  func endCommand() throws {
    guard case .failed(let errno) = self else { return }
    Diagnostics.say("standard output cannot be written: \(errno.description)")
    throw ExitStatus.inputOutput.exit
  }
}
