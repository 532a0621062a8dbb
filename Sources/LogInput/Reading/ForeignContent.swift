import Glibc

/// Recognises content that is no log by its first bytes (2-log-envelopes, Content that is no log).
public enum ForeignContent: String, CaseIterable, Sendable, Hashable {
  case zstd
  case xz
  case bzip2
  case zip
  case tar
  case utf16 = "UTF-16"
  case utf32 = "UTF-32"
  case elf = "ELF"
  /// Binary content of no known format.
  case binary

  /// How many bytes of a log are looked at.
  static let headBytes = 8192

  /// The first bytes of formats that are no logs. `tar`, and Unicode without a byte order mark, are recognised in other ways.
  private static let beginnings: [(bytes: [UInt8], content: ForeignContent)] = [
    ([0x28, 0xB5, 0x2F, 0xFD], .zstd),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .xz),
    (Array("PK".utf8) + [3, 4], .zip), (Array("PK".utf8) + [5, 6], .zip), (Array("PK".utf8) + [7, 8], .zip),
    ([0x7F] + Array("ELF".utf8), .elf),
    ([0xFF, 0xFE, 0x00, 0x00], .utf32), ([0x00, 0x00, 0xFE, 0xFF], .utf32),
    ([0xFF, 0xFE], .utf16), ([0xFE, 0xFF], .utf16),
  ]
  /// What a header of tar has at ``tarPlace``.
  private static let tarMark = Array("ustar".utf8)
  private static let tarPlace = 257
  /// `BZh`, a digit, and then the mark of a block or of the end.
  private static let bzip2Mark = Array("BZh".utf8)
  private static let bzip2Marks: [[UInt8]] = [
    [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
  ]

  /// The kind of content that the first ``headBytes`` bytes of a log show; nil if they are text.
  init?(head: Span<UInt8>) {
    if let found = Self.beginnings.first(where: { head.begins(with: $0.bytes) }) {
      self = found.content
    } else if Self.bzip2Marks.contains(where: { Self.isBzip2(head, $0) }) {
      self = .bzip2
    } else if head.has(Self.tarMark, at: Self.tarPlace) {
      self = .tar
    } else if let found = Self.withoutMark(head) {
      self = found
    } else {
      return nil
    }
  }

  /// Whether a head that is shorter than ``headBytes`` can still turn out to be no text. Such a head is held back.
  static func isDoubtful(_ head: Span<UInt8>) -> Bool {
    head.holdsZero || beginnings.contains { head.begins(with: $0.bytes) || head.isBeginning(of: $0.bytes) }
      || bzip2Marks.contains { isBzip2(head, $0) || head.isBeginning(of: bzip2Start(head) + $0) }
  }

  private static func isBzip2(_ head: Span<UInt8>, _ mark: [UInt8]) -> Bool {
    head.begins(with: bzip2Mark) && head.count > 3 && 0x31...0x39 ~= head[3] && head.has(mark, at: 4)
  }

  /// The beginning of bzip2, with the digit that the head has.
  private static func bzip2Start(_ head: Span<UInt8>) -> [UInt8] {
    bzip2Mark + [head.count > 3 && 0x31...0x39 ~= head[3] ? head[3] : 0x39]
  }

  // MARK: Content with zeros

  private static func withoutMark(_ head: Span<UInt8>) -> ForeignContent? {
    guard head.holdsZero else { return nil }
    return wide(head) ?? (isBinary(head) ? .binary : nil)
  }

  /// UTF-16 or UTF-32, recognised by the columns in which the zeros stand.
  private static func wide(_ head: Span<UInt8>) -> ForeignContent? {
    let rows = head.count / 4
    guard rows > 0 else { return nil }
    var zeros = [0, 0, 0, 0]
    for index in 0..<rows * 4 where head[index] == 0 { zeros[index % 4] += 1 }
    let full = zeros.map { $0 * 10 >= rows * 9 }
    switch full.count(where: \.self) {
    case 2: return full[0] == full[2] ? .utf16 : .utf32
    case 3: return .utf32
    default: return nil
    }
  }

  /// Whether more than one character in a hundred, zeros left out, is a control character or no UTF-8.
  private static func isBinary(_ head: Span<UInt8>) -> Bool {
    var text: [UInt8] = []
    for index in 0..<head.count where head[index] != 0 { text.append(head[index]) }
    // A character may be cut off where the head ends.
    for back in 1...3 where head.count == headBytes && text.count >= back && text[text.count - back] >= 0xC0 {
      text.removeLast(back)
      break
    }
    var (count, bad) = (0, 0)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      count += 1
      switch scalar.value {
      case 0x08...0x0A, 0x0C, 0x0D, 0x1B: break
      case 0..<0x20, 0xFFFD: bad += 1
      default: break
      }
    }
    return bad * 100 > count
  }

  // MARK: Words

  /// A name for the content, to be put after the word "is".
  var message: String {
    switch self {
    case .zstd, .xz, .bzip2: "is compressed by \(rawValue), which is not read"
    case .zip, .tar: "is a \(rawValue) archive, not a log"
    case .utf16, .utf32: "is \(rawValue) text, and logs are UTF-8"
    case .elf: "is a program (ELF), not a log"
    case .binary: "is binary data, not a log"
    }
  }

  /// What to try.
  var advice: String {
    switch self {
    case .zstd: "decompress it (zstd -d), or compress it by gzip"
    case .xz: "decompress it (xz -d), or compress it by gzip"
    case .bzip2: "decompress it (bzip2 -d), or compress it by gzip"
    case .zip: "unpack it (unzip) and name the logs in it"
    case .tar: "unpack it (tar -xf) and name the logs in it"
    case .utf16, .utf32: "convert it (iconv -f \(rawValue) -t UTF-8)"
    case .elf, .binary: "name a log, or leave the file out of the log root"
    }
  }
}

/// Holds back the beginning of a log until it is known to be text.
struct ContentGate {
  /// What the caller has to do with the bytes that came.
  enum Verdict: Equatable {
    /// Hand them on, after the bytes that were held.
    case pass
    /// Do nothing: the bytes are held.
    case wait
    /// Stop: the content is no log. Hand on nothing more of it.
    case refuse(ForeignContent)
    /// Do nothing: the log was refused before.
    case drop
  }

  private enum State {
    case looking, text, foreign
  }

  private var state = State.looking
  /// The log's first bytes.
  private var head: [UInt8] = []
  private var held: [UInt8] = []

  /// Whether bytes are held.
  var isHolding: Bool { !held.isEmpty }

  /// Looks at the next bytes. The beginning of a live pipe is held back only if it is doubtful.
  mutating func look(at bytes: Span<UInt8>) -> Verdict {
    switch state {
    case .text: return .pass
    case .foreign: return .drop
    case .looking: break
    }
    if head.isEmpty, bytes.count >= ForeignContent.headBytes {
      return decide(by: bytes.extracting(0..<ForeignContent.headBytes))
    }
    for index in 0..<min(ForeignContent.headBytes - head.count, bytes.count) { head.append(bytes[index]) }
    if head.count == ForeignContent.headBytes { return decide() }
    guard ForeignContent.isDoubtful(head.span) else { return .pass }
    for index in 0..<bytes.count { held.append(bytes[index]) }
    return .wait
  }

  /// Decides by the bytes that have come, because no more will come.
  mutating func decide() -> Verdict {
    let all = head
    return decide(by: all.span)
  }

  private mutating func decide(by bytes: Span<UInt8>) -> Verdict {
    let content = ForeignContent(head: bytes)
    head = []
    guard let content else {
      state = .text
      return .pass
    }
    state = .foreign
    held = []
    return .refuse(content)
  }

  /// Takes out the bytes that were held, for the caller to hand on.
  mutating func takeHeld() -> [UInt8] {
    defer { held = [] }
    return held
  }
}

extension Span<UInt8> {
  fileprivate var holdsZero: Bool {
    unsafe withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return false }
      return unsafe memchr(start, 0, bytes.count) != nil
    }
  }

  fileprivate func has(_ bytes: [UInt8], at start: Int) -> Bool {
    guard start + bytes.count <= count else { return false }
    for index in 0..<bytes.count where self[start + index] != bytes[index] { return false }
    return true
  }

  fileprivate func begins(with bytes: [UInt8]) -> Bool { has(bytes, at: 0) }

  /// Whether the bytes are fewer than these and their beginning.
  fileprivate func isBeginning(of bytes: [UInt8]) -> Bool {
    guard count < bytes.count else { return false }
    for index in 0..<count where self[index] != bytes[index] { return false }
    return true
  }
}
