import Glibc
import LogModel
import SystemPackage
import TestSupport

@testable import LogInput

/// Keeps what a reading gives.
struct RecordingSink: LogSink {
  enum Event: Equatable {
    case began(level: Int, index: Int, start: Int)
    case ended(level: Int, index: Int, end: Int, damage: MemberDamage?)
  }

  var content: [UInt8] = []
  var events: [Event] = []
  var chunkSizes: [Int] = []

  var text: String { String(decoding: content, as: UTF8.self) }

  mutating func receive(_ bytes: Span<UInt8>) {
    chunkSizes.append(bytes.count)
    bytes.withUnsafeBufferPointer { content.append(contentsOf: $0) }
  }

  mutating func memberBegan(_ member: GzipMember) {
    events.append(.began(level: member.level, index: member.index, start: member.start))
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {
    events.append(.ended(level: member.level, index: member.index, end: end, damage: damage))
  }
}

/// What came of decoding some bytes.
struct Decoded {
  var reading: LogReading
  var damage: LogDelivery.Damage?
  var sink: RecordingSink

  var content: [UInt8] { sink.content }
  var events: [RecordingSink.Event] { sink.events }
}

/// Decodes bytes as a file of them would be.
func decode(
  _ bytes: [UInt8], cut: Chunking? = nil, bufferBytes: Int = 65_536, limits: ReadLimits = ReadLimits(),
  inflater: Inflater = .fastest, refusesForeign: Bool = false
) -> Decoded {
  var decoder = LogDecoder(
    bufferBytes: bufferBytes, limits: limits, fingerprints: true, inflater: inflater,
    refusesForeign: refusesForeign)
  var sink = RecordingSink()
  var wantsMore = true
  let cut = cut ?? Chunking(name: "whole", ranges: [0..<bytes.count])
  cut.forEachChunk(of: bytes) { chunk in
    if wantsMore { wantsMore = decoder.take(chunk, into: &sink) }
  }
  let (reading, damage) = decoder.finish(into: &sink)
  return Decoded(reading: reading, damage: damage, sink: sink)
}

/// Some lines of a log, so that every test can tell where bytes went.
func lines(_ range: Range<Int>) -> [UInt8] {
  Array(range.map { "[2026-03-28T02:14:07.123+0000] {file.py:\($0)} INFO - line \($0)\n" }.joined().utf8)
}

/// A folder for one test, removed with what is in it.
final class Scratch {
  let path: FilePath

  init() throws {
    var template = Array("/tmp/corrparse-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Errno(rawValue: errno) }
    path = FilePath(platformString: made)
  }

  deinit { Self.remove(path) }

  func file(_ name: String, _ content: [UInt8] = []) throws -> FilePath {
    try file(bytes: Array(name.utf8), content)
  }

  /// Writes a file below the folder; makes the folders that it is in.
  func file(bytes name: [UInt8], _ content: [UInt8] = []) throws -> FilePath {
    let whole = path.bytes + [UInt8(ascii: "/")] + name
    for slash in whole.indices where whole[slash] == UInt8(ascii: "/") && slash > path.bytes.count {
      let made = (whole[..<slash] + [0]).map { CChar(bitPattern: $0) }
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }
    let file = FilePath(bytes: whole)
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: 0o644))
    try descriptor.closeAfter { _ = try descriptor.writeAll(content) }
    return file
  }

  func link(_ name: String, to target: String) throws -> FilePath {
    let link = try file(name)
    link.withPlatformString { _ = Glibc.remove($0) }
    guard link.withPlatformString({ symlink(target, $0) }) == 0 else { throw Errno(rawValue: errno) }
    return link
  }

  private static func remove(_ path: FilePath) { remove(path.bytes) }

  private static func remove(_ path: [UInt8]) {
    let name = (path + [0]).map { CChar(bitPattern: $0) }
    guard Glibc.remove(name) != 0 else { return }
    chmod(name, 0o755)
    guard let stream = opendir(name) else { return }
    while let entry = readdir(stream) {
      let child = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if child != [46], child != [46, 46] { remove(path + [UInt8(ascii: "/")] + child) }
    }
    closedir(stream)
    _ = Glibc.remove(name)
  }
}
