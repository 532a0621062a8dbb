import Glibc
import Synchronization

/// The start of a child process by posix_spawn, and this side's ends of its pipes.
struct Launch {
  /// Between a pipe and its close-on-exec flag no other child may start: it would keep the pipe open.
  private static let oneAtATime = Mutex(())
  /// Where the child holds the pipe that tells of its life; no shell uses a number of three digits.
  private static let lifeDescriptor: Int32 = 100

  let id: pid_t
  /// For standard input, output and error; -1 where there is no pipe.
  let ownEnds: [Int32]
  let lifeEnd: Int32

  init(
    _ program: String, _ arguments: [[UInt8]], environment: [String: String], folder: String?,
    streams: [ChildProcess.Stream]
  ) throws {
    // posix_spawn_file_actions_addchdir_np is not among the functions that Swift sees.
    let way = folder.map { ["/usr/bin/env", "-C", $0].map { Array($0.utf8) } } ?? []
    let command = way + [Array(program.utf8)] + arguments
    let settings = environment.map { Array("\($0)=\($1)".utf8) }
    self = try Self.oneAtATime.withLock { _ in try Launch(command, settings, streams) }
  }

  private init(_ command: [[UInt8]], _ settings: [[UInt8]], _ streams: [ChildProcess.Stream]) throws {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    var childEnds: [Int32] = []
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      for end in childEnds { close(end) }
    }
    // As from a shell, whatever the test runner ignores or holds back for itself.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var ownEnds: [Int32] = [-1, -1, -1]
    for (number, stream) in streams.enumerated() {
      let target = Int32(number)
      switch stream {
      case .closed: posix_spawn_file_actions_addclose(&actions, target)
      case .file(let path):
        posix_spawn_file_actions_addopen(&actions, target, path, number == 0 ? O_RDONLY : O_WRONLY, 0)
      case .pipe:
        let ends = try Self.pipe()
        let (own, child) = number == 0 ? (ends.write, ends.read) : (ends.read, ends.write)
        _ = fcntl(own, F_SETFL, O_NONBLOCK)
        ownEnds[number] = own
        childEnds.append(child)
        posix_spawn_file_actions_adddup2(&actions, child, target)
      }
    }
    let life = try Self.pipe()
    childEnds.append(life.write)
    posix_spawn_file_actions_adddup2(&actions, life.write, Self.lifeDescriptor)

    var process: pid_t = 0
    let code = Self.withCStrings(command) { arguments in
      Self.withCStrings(settings) { settings in
        arguments[0].map { posix_spawn(&process, $0, &actions, &attributes, arguments, settings) } ?? EINVAL
      }
    }
    guard code == 0 else {
      for end in ownEnds + [life.read] where end >= 0 { close(end) }
      throw ChildProcess.Failure(
        "\(String(decoding: command[0], as: UTF8.self)) cannot be started: \(String(cString: strerror(code)))"
      )
    }
    id = process
    self.ownEnds = ownEnds
    lifeEnd = life.read
  }

  /// A pipe that no other child inherits.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else {
      throw ChildProcess.Failure("pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func withCStrings<Result>(
    _ texts: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { text in
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
      for (index, byte) in text.enumerated() { copy[index] = CChar(bitPattern: byte) }
      copy[text.count] = 0
      return copy
    }
    defer { for copy in copies { copy?.deallocate() } }
    return body(copies + [nil])
  }
}
