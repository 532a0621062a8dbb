import CByteScan

/// The searches over whole buffers (`CByteScan`), which take pointers, for those who have spans.
enum ByteScan {
  static func head(of line: Span<UInt8>, count: Int) -> line_head {
    unsafe line.extracting(0..<count).withUnsafeBufferPointer {
      unsafe line_head_of($0.baseAddress, $0.count)
    }
  }

  static func matches(_ head: line_head, _ line: Span<UInt8>) -> Bool {
    unsafe line.withUnsafeBufferPointer { bytes in
      unsafe withUnsafePointer(to: head) { unsafe line_head_matches($0, bytes.baseAddress, bytes.count) }
    }
  }

  static func addName(_ name: Span<UInt8>, to lines: inout text_lines) -> Bool {
    unsafe name.withUnsafeBufferPointer { unsafe text_lines_add_name(&lines, $0.baseAddress, $0.count) }
  }

  static func text(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ lines: inout text_lines)
    -> lines_passed
  {
    precondition(0 <= start && start <= end && end <= bytes.count)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe line_scan_text(bytes.baseAddress, start, end, &lines)
    }
  }

  static func json(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ heads: [line_head], _ store: [UInt8],
    _ tails: inout [json_tail]
  ) -> lines_passed {
    precondition(0 <= start && start <= end && end <= bytes.count && !heads.isEmpty && !tails.isEmpty)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe tails.withUnsafeMutableBufferPointer { tails in
        unsafe line_scan_json(
          bytes.baseAddress, start, end, heads, heads.count, store, tails.baseAddress, tails.count)
      }
    }
  }

  /// The place behind the last LF of the bytes from `start` on; `start` where there is none.
  static func lastLineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    unsafe bytes.withUnsafeBufferPointer { unsafe line_scan_last_line_end($0.baseAddress, start, $0.count) }
  }
}
