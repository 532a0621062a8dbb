import Glibc

/// What the system has to grant the program. Swift and the libraries below it end with a signal where memory is missing, so that a limit that is too
/// small is told before it does so.
enum SystemLimits {
  /// Deep enough for every command, with half of it to spare; measured, as the others are (docs/reliability.md).
  private static let smallestStack = 256 << 10
  private static let smallestAddressSpace = 128 << 20
  /// For each further job: its thread's stack and heap, of which most is only reserved.
  private static let addressSpaceOfJob = 96 << 20

  /// What is wrong with the stack; nil where it is large enough.
  static var smallStack: String? {
    guard let limit = limit(RLIMIT_STACK), limit < smallestStack else { return nil }
    return
      "the stack may have \(limit >> 10) KiB only; raise its limit to \(smallestStack >> 10) KiB (ulimit -s)"
  }

  /// Ends a command for which the address space is too small.
  /// - Throws: The exit status.
  static func require(jobs: Int) throws {
    let needed = smallestAddressSpace + (jobs - 1) * addressSpaceOfJob
    guard let limit = limit(RLIMIT_AS), limit < needed else { return }
    let hint = jobs > 1 ? ", or lower --jobs" : ""
    let who = jobs == 1 ? "1 job needs" : "\(jobs) jobs need"
    Diagnostics.say(
      "the address space may have \(limit >> 20) MiB only, and \(who) \(needed >> 20) MiB; "
        + "raise its limit (ulimit -v)\(hint)")
    throw ExitStatus.system.exit
  }

  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &found) == 0,
      found.rlim_cur != rlim_t.max
    else { return nil }
    return Int(clamping: found.rlim_cur)
  }
}
