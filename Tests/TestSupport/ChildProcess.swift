import Glibc

/// A program that runs beside the test, with pipes to it.
///
/// One thread serves all pipes, so neither side ever waits for the other. Killed when it is released, and when it
/// runs longer than its time limit.
public final class ChildProcess {
  /// What a program reads or writes at one of its standard descriptors.
  public enum Stream: Sendable {
    /// A pipe; what is written is kept.
    case pipe
    /// A file or device.
    case file(String)
    /// Nothing: the descriptor is closed.
    case closed
  }

  /// How a program ended.
  public enum Ending: Sendable, Hashable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  /// Why a program could not be run, or what it was doing when its time was up.
  public struct Failure: Error, CustomStringConvertible {
    /// What failed.
    public let description: String

    /// A failure, in words.
    public init(_ description: String) { self.description = description }
  }

  /// The process's number.
  public let id: pid_t
  /// What it wrote to standard output so far.
  public private(set) var output: [UInt8] = []
  /// What it wrote to standard error so far.
  public private(set) var errors: [UInt8] = []

  private let name: String
  private let deadline: ContinuousClock.Instant
  private var ending: Ending?
  private var inputEnd: Int32 = -1
  private var outputEnd: Int32 = -1
  private var errorEnd: Int32 = -1
  /// Reaches its end when the process and whatever it started have ended: nobody writes into it.
  private var lifeEnd: Int32 = -1
  private var pending: ArraySlice<UInt8> = []

  /// Starts a program.
  /// - Parameters:
  ///   - program: Its path.
  ///   - arguments: Its arguments, in bytes: they need not be UTF-8.
  ///   - environment: All of its environment.
  ///   - folder: Where it runs; nil for the test's own.
  ///   - input: What it reads from.
  ///   - output: Where it writes to.
  ///   - errors: Where it writes its messages to.
  ///   - limit: How long it may run.
  /// - Throws: ``Failure`` where the system does not start it.
  public init(
    _ program: String, _ arguments: [[UInt8]] = [], environment: [String: String] = [:],
    folder: String? = nil, input: Stream = .pipe, output: Stream = .pipe, errors: Stream = .pipe,
    limit: Duration = .seconds(120)
  ) throws {
    // A child that goes away while it is written to is the test's business, not the end of the test run.
    signal(SIGPIPE, SIG_IGN)
    name = program
    deadline = .now + limit
    let launch = try Launch(
      program, arguments, environment: environment, folder: folder, streams: [input, output, errors])
    id = launch.id
    (inputEnd, outputEnd, errorEnd) = (launch.ownEnds[0], launch.ownEnds[1], launch.ownEnds[2])
    lifeEnd = launch.lifeEnd
  }

  deinit {
    if ending == nil {
      kill(id, SIGKILL)
      _ = try? reap()
    }
    for end in [inputEnd, outputEnd, errorEnd, lifeEnd] where end >= 0 { Glibc.close(end) }
  }

  /// Writes to the program's input; what does not fit in the pipe is served meanwhile.
  public func write(_ bytes: [UInt8]) throws {
    pending = bytes[...]
    try serve { self.pending.isEmpty }
  }

  /// Ends the program's input.
  public func closeInput() { Self.close(&inputEnd) }

  /// Goes away from the program's output, as a pager that is left does.
  public func closeOutput() { Self.close(&outputEnd) }

  /// Sends a signal.
  public func send(signal: Int32) { kill(id, signal) }

  /// Serves the pipes until the output satisfies a condition, the program has ended, or its time is up.
  public func waitForOutput(_ condition: ([UInt8]) -> Bool) throws {
    try serve { condition(self.output) }
  }

  /// Serves the pipes for a while, or until the program has ended.
  /// - Returns: Whether it is still running.
  /// - Throws: ``Failure`` when its time limit has passed.
  public func serve(for duration: Duration) throws -> Bool {
    let end = ContinuousClock.now + duration
    try serve { ContinuousClock.now >= end }
    return lifeEnd >= 0
  }

  /// Waits for the end of the program, which gets no more input.
  public func finish() throws -> Ending {
    closeInput()
    try serve { false }
    return try reap()
  }

  /// The greatest memory that the program has had resident so far, in bytes.
  ///
  /// Not `ru_maxrss`, which the kernel begins with that of the process that started it.
  public func peakMemory() throws -> Int {
    let status = try readFile("/proc/\(id)/status")
    for line in String(decoding: status, as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:")
    {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.count == 3, let kibibytes = Int(words[1]), words[2] == "kB" { return kibibytes * 1024 }
    }
    throw Failure("\(name) has no VmHWM: it has ended")
  }

  private func reap() throws -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { throw Failure("waitpid: \(String(cString: strerror(errno)))") }
    }
    let signal = status & 0x7F
    let result = signal == 0 ? Ending.exited((status >> 8) & 0xFF) : .killed(signal: signal)
    ending = result
    return result
  }

  /// Moves bytes until the condition holds or the program has ended.
  private func serve(until isDone: () -> Bool) throws {
    while lifeEnd >= 0, !isDone() {
      guard ContinuousClock.now < deadline else {
        kill(id, SIGKILL)
        throw Failure(
          "\(name) did not end in time; stderr: \(String(decoding: errors, as: UTF8.self))")
      }
      var waiting = [
        pollfd(fd: pending.isEmpty ? -1 : inputEnd, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: outputEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errorEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: lifeEnd, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waiting, UInt(waiting.count), 100) > 0 else { continue }
      if waiting[0].revents != 0 { writePending() }
      var nobody: [UInt8] = []
      if waiting[1].revents != 0 { Self.read(&outputEnd, into: &output) }
      if waiting[2].revents != 0 { Self.read(&errorEnd, into: &errors) }
      if waiting[3].revents != 0 { Self.read(&lifeEnd, into: &nobody) }
    }
    guard lifeEnd < 0 else { return }
    // The end of the process may have been seen before its last words.
    while outputEnd >= 0, Self.read(&outputEnd, into: &output) {}
    while errorEnd >= 0, Self.read(&errorEnd, into: &errors) {}
    pending = []
  }

  private func writePending() {
    let count = pending.withUnsafeBytes { Glibc.write(inputEnd, $0.baseAddress, $0.count) }
    if count >= 0 {
      pending = pending.dropFirst(count)
    } else if errno != EAGAIN, errno != EINTR {
      // The program has closed its input.
      pending = []
      closeInput()
    }
  }

  /// Reads what is there; closes the descriptor at its end.
  /// - Returns: Whether anything was read.
  @discardableResult
  private static func read(_ descriptor: inout Int32, into bytes: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count > 0 {
      bytes += buffer[..<count]
      return true
    }
    if count == 0 || (errno != EAGAIN && errno != EINTR) { close(&descriptor) }
    return false
  }

  private static func close(_ descriptor: inout Int32) {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }
}

/// The bytes of a file, also of one whose size is not known beforehand.
public func readFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "re") else {
    throw ChildProcess.Failure("\(path): \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    bytes += buffer[..<count]
    if count < buffer.count { return bytes }
  }
}
