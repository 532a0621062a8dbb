import Synchronization
import SystemPackage

/// Standard error for people: one line a message, nothing a terminal would obey but the program's own status line.
enum Diagnostics {
  /// The line that is drawn over, kept to be drawn again below what is said.
  private static let status = Mutex("")
  private static let clearing = "\r\u{1B}[K"

  /// Says something; a standard error that cannot be written to is nobody's to hear of.
  static func say(_ message: String) { write("corrparse: " + message) }

  /// Writes a text of one or more lines.
  static func write(_ text: String) {
    status.withLock { status in
      send(status.isEmpty ? text + "\n" : clearing + text + "\n" + status)
    }
  }

  /// Shows a status line on a terminal in place of the last one; an empty one takes it away.
  static func showStatus(_ line: String) {
    status.withLock { status in
      if status.isEmpty, line.isEmpty { return }
      status = line
      send(clearing + line)
    }
  }

  private static func send(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }
}
