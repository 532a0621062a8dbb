import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// What standard input may be: a pipe, a redirected file, a folder by mistake.
@Suite struct PipeTests {
  private func makePipe(flags: Int32 = 0) throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    if flags != 0 { _ = fcntl(ends[0], F_SETFL, flags) }
    return (ends[0], ends[1])
  }

  @Test(arguments: [0, O_NONBLOCK])
  func `a pipe is read to its end, however slowly it is written`(flags: Int32) throws {
    let (reading, writing) = try makePipe(flags: flags)
    let bytes = Gzip.member(lines(0..<50))
    let writer = try Writer(bytes, to: writing)
    let file = try LogFile(descriptor: reading, path: nil, isOwned: true)
    #expect(file.state == nil)
    var reader = LogReader()
    var sink = RecordingSink()
    let result = reader.read(file, into: &sink)
    writer.join()
    #expect(result.status == .complete)
    #expect(sink.content == lines(0..<50))
    #expect(result.compressedBytes == bytes.count)
  }

  @Test func `what a pipe has is given before more is waited for`() throws {
    struct EchoSink: LogSink {
      typealias Failure = Never
      let writing: Int32
      var received: [[UInt8]] = []
      mutating func receive(_ bytes: Span<UInt8>) {
        received.append(bytes.withUnsafeBufferPointer { Array($0) })
        // The second line is written only when the first has arrived: a reader that waited would wait for ever.
        if received.count == 1 {
          _ = lines(1..<2).withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
        } else {
          close(writing)
        }
      }
      mutating func memberBegan(_ member: GzipMember) {}
      mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
    }
    let (reading, writing) = try makePipe()
    _ = lines(0..<1).withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
    var sink = EchoSink(writing: writing)
    var reader = LogReader()
    _ = reader.read(try LogFile(descriptor: reading, path: nil, isOwned: true), into: &sink)
    #expect(sink.received == [lines(0..<1), lines(1..<2)])
  }

  @Test func `a folder on standard input is refused`() throws {
    let scratch = try Scratch()
    let folder = scratch.path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY) }
    defer { close(folder) }
    #expect(throws: InputError(.notRegular(.folder), path: nil)) {
      _ = try LogFile(descriptor: folder, path: nil, isOwned: false).bytesRead
    }
  }

  @Test func `a read that fails on the way keeps what came before`() throws {
    struct ClosingSink: LogSink {
      typealias Failure = Never
      let descriptor: Int32
      var content: [UInt8] = []
      mutating func receive(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { content.append(contentsOf: $0) }
        // A directory in its place: reading it is an error of the system's own.
        let folder = open("/", O_RDONLY | O_DIRECTORY)
        dup2(folder, descriptor)
        close(folder)
      }
      mutating func memberBegan(_ member: GzipMember) {}
      mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
    }
    let scratch = try Scratch()
    let path = try scratch.file("a.log", lines(0..<50))
    let descriptor = path.withPlatformString { open($0, O_RDONLY) }
    var sink = ClosingSink(descriptor: descriptor)
    var reader = LogReader(bufferBytes: 100)
    let reading = reader.read(try LogFile(descriptor: descriptor, path: path, isOwned: true), into: &sink)
    #expect(sink.content == Array(lines(0..<50).prefix(100)))
    #expect(reading.status == .truncated)
    #expect(reading.error == InputError(.read, path: path, offset: 100, errno: .isDirectory))
    #expect(reading.decompressedBytes == 100)
  }
}

/// Writes bytes into a pipe one by one, from a thread of its own: a task would wait for the thread that reads.
private final class Writer {
  private final class Work {
    let bytes: [UInt8]
    let descriptor: Int32
    init(_ bytes: [UInt8], _ descriptor: Int32) { (self.bytes, self.descriptor) = (bytes, descriptor) }
  }

  private var thread = pthread_t()

  init(_ bytes: [UInt8], to descriptor: Int32) throws {
    let work = Unmanaged.passRetained(Work(bytes, descriptor))
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        // A reader that gave up is its test's failure, not the end of all tests; for this thread alone, as
        // other tests' children inherit what the process ignores.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        for byte in work.bytes {
          _ = [byte].withUnsafeBytes { write(work.descriptor, $0.baseAddress, 1) }
          sched_yield()
        }
        close(work.descriptor)
        return nil
      }, work.toOpaque())
    if code != 0 {
      work.release()
      throw Errno(rawValue: code)
    }
  }

  func join() { pthread_join(thread, nil) }
}
