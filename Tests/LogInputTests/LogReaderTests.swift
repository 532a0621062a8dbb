import Glibc
import LogModel
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// Reads one path as a run would.
func read(_ path: FilePath, below root: FilePath? = nil) -> (reading: LogReading, sink: RecordingSink) {
  var reader = LogReader()
  var sink = RecordingSink()
  let reading = reader.read(path, below: root, into: &sink)
  return (reading, sink)
}

@Suite struct LogReaderTests {
  let scratch: Scratch
  let content = lines(0..<200)

  init() throws { scratch = try Scratch() }

  @Test func `a file is read by its content, not by its name`() throws {
    let plain = try scratch.file("plain.log.gz", content)
    let gzip = try scratch.file("attempt=1.log", Gzip.member(content))
    for (path, wrapping) in [(plain, LogReading.Wrapping.plain), (gzip, .gzip)] {
      let (reading, sink) = read(path)
      #expect(reading.status == .complete)
      #expect(reading.error == nil)
      #expect(reading.wrapping == wrapping)
      #expect(sink.content == content)
      #expect(reading.decompressedBytes == content.count)
      #expect(reading.compressedBytes == reading.file?.size)
    }
    #expect(read(plain).reading.fingerprint == read(gzip).reading.fingerprint)
  }

  @Test func `an empty file is a complete log of no bytes`() throws {
    let (reading, sink) = read(try scratch.file("empty.log.gz"))
    #expect(reading.status == .complete)
    #expect(sink.content.isEmpty)
    #expect(reading.decompressedBytes == 0)
  }

  @Test func `a file longer than the buffer comes in several chunks`() throws {
    let long = lines(0..<20_000)
    #expect(long.count > 1_000_000)
    let (reading, sink) = read(try scratch.file("long.log", long))
    #expect(sink.content == long)
    #expect(reading.compressedBytes == long.count)
    #expect(sink.chunkSizes.count == (long.count + 262_143) / 262_144)
  }

  @Test func `what cannot be opened is failed, with path and reason`() {
    let path = scratch.path.appending("absent.log")
    let reading = read(path).reading
    #expect(reading.status == .failed)
    #expect(reading.error == InputError(.open, path: path, errno: .noSuchFileOrDirectory))
    let text = reading.error?.description ?? ""
    #expect(text.hasPrefix("\(path): cannot be opened: No such file or directory; "))
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file without the right to read it is failed`() throws {
    let path = try scratch.file("secret.log", content)
    path.withPlatformString { _ = chmod($0, 0) }
    #expect(read(path).reading.error == InputError(.open, path: path, errno: .permissionDenied))
  }

  @Test func `folder, named pipe, device and socket are refused at once`() throws {
    let pipe = scratch.path.appending("pipe.log")
    #expect(pipe.withPlatformString { mkfifo($0, 0o644) } == 0)
    let socketPath = scratch.path.appending("socket.log")
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.string.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    let cases: [(FilePath, InputError.FileKind)] = [
      (scratch.path, .folder), (pipe, .pipe), ("/dev/null", .device), ("/dev/zero", .device),
      (socketPath, .socket),
    ]
    for (path, kind) in cases {
      let (reading, sink) = read(path)
      #expect(reading.status == .failed)
      #expect(reading.error == InputError(.notRegular(kind), path: path))
      #expect(sink.content.isEmpty)
    }
  }

  @Test func `a link is followed when named, refused when found`() throws {
    _ = try scratch.file("real.log", content)
    let link = try scratch.link("link.log", to: "real.log")
    #expect(read(link).sink.content == content)
    #expect(
      read(link, below: scratch.path).reading.error == InputError(.notRegular(.link), path: link))
  }

  @Test(arguments: [0, 1, 2])
  func `below a root no folder on the way may be a link`(depth: Int) throws {
    let names = ["a", "b", "c"]
    let file = try scratch.file("root/a/b/c/real.log", content)
    let root = scratch.path.appending("root")
    #expect(read(file, below: root).sink.content == content)
    // What somebody might do after the walk: the folder goes out of the root, and a link takes its place.
    let folder = names[...depth].reduce(root) { $0.appending($1) }
    let outside = scratch.path.appending("outside")
    #expect(rename(folder.string, outside.string) == 0)
    #expect(symlink(outside.string, folder.string) == 0)
    #expect(read(file).sink.content == content)
    let (reading, sink) = read(file, below: root)
    #expect(reading.status == .failed)
    #expect(reading.error == InputError(.notRegular(.link), path: file))
    #expect(sink.content.isEmpty)
    // Below the folder itself nothing is a link.
    #expect(read(file, below: folder).sink.content == content)
  }

  @Test func `a root may be any start of the path`() throws {
    let file = try scratch.file("a/x.log", content)
    for root in [scratch.path, file.removingLastComponent(), "/", "/tmp"] as [FilePath] {
      #expect(read(file, below: root).sink.content == content)
    }
    #expect(read("./README.md", below: ".").reading.status == .complete)
    #expect(read(file, below: "/usr").reading.error == InputError(.open, path: file, errno: .invalidArgument))
    #expect(read(file, below: file).reading.error == InputError(.open, path: file, errno: .invalidArgument))
    let missing = scratch.path.appending("a/missing/x.log")
    #expect(
      read(missing, below: scratch.path).reading.error
        == InputError(.open, path: missing, errno: .noSuchFileOrDirectory))
    let through = file.appending("y.log")
    #expect(
      read(through, below: scratch.path).reading.error
        == InputError(.open, path: through, errno: .notDirectory))
  }

  @Test func `a read that fails is reported with its byte`() {
    // The kernel answers EIO for address 0 of a process.
    let (reading, sink) = read("/proc/self/mem")
    #expect(reading.status == .failed)
    #expect(reading.error == InputError(.read, path: "/proc/self/mem", offset: 0, errno: .ioError))
    #expect(sink.content.isEmpty)
  }

  @Test func `damage is told with path and byte`() throws {
    let bytes = Gzip.member(content)
    let cut = try scratch.file("cut.log.gz", bytes.dropLast(20))
    #expect(read(cut).reading.status == .truncated)
    #expect(read(cut).reading.error == InputError(.truncated, path: cut, offset: bytes.count - 20))
    let wrong = try scratch.file("wrong.log.gz", Gzip.member(content, checksum: 0))
    #expect(read(wrong).reading.status == .corrupt)
    #expect(read(wrong).reading.error == InputError(.checksum, path: wrong, offset: bytes.count - 8))
    #expect(read(wrong).sink.content == content)
  }

  @Test func `without fingerprints there is none`() throws {
    var reader = LogReader(fingerprints: false)
    var sink = RecordingSink()
    let reading = reader.read(try scratch.file("x.log", content), into: &sink)
    #expect(reading.fingerprint == nil)
    #expect(sink.content == content)
  }

  @Test func `one reader reads file after file, damaged ones between`() throws {
    var reader = LogReader(bufferBytes: 1000)
    let bytes = Gzip.member(content)
    let good = try scratch.file("good.log", bytes)
    let others = [
      try scratch.file("cut.log", bytes.dropLast(9)), try scratch.file("twice.log", Gzip.member(bytes)),
      try scratch.file("empty.log"), scratch.path.appending("absent"), "/proc/self/mem",
    ]
    for other in others {
      var ignored = RecordingSink()
      _ = reader.read(other, into: &ignored)
      var sink = RecordingSink()
      let reading = reader.read(good, into: &sink)
      #expect(reading.status == .complete)
      #expect(reading.error == nil)
      #expect(reading.wrapping == .gzip)
      #expect(sink.content == content)
    }
  }

  @Test func `a sink that gives up ends its log and not the reader`() throws {
    struct Full: Error {}
    struct FullSink: LogSink {
      typealias Failure = Full
      mutating func receive(_ bytes: Span<UInt8>) throws(Full) { throw Full() }
      mutating func memberBegan(_ member: GzipMember) {}
      mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
    }
    let path = try scratch.file("x.log", Gzip.member(content))
    var reader = LogReader()
    var full = FullSink()
    #expect(throws: Full.self) { try reader.read(path, into: &full) }
    var sink = RecordingSink()
    #expect(reader.read(path, into: &sink).status == .complete)
    #expect(sink.content == content)
  }
}
