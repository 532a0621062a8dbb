import DiagnosticWriter
import Glibc
import Ingest
import Synchronization

/// SIGTERM and SIGINT (5-command-line, Exit codes): exit 143 and 130, never 0; also as PID 1, for which the
/// system's default is to ignore them.
///
/// A thread of its own waits for them. Most commands just end: what was not committed the server rolls back. A run that
/// was told of them ends by itself after the log at hand, at the latest some seconds before Kubernetes kills it.
enum StopSignals {
  /// What 5-command-line, Exit codes gives, and Kubernetes' 30 s leave room for.
  private static let longestGrace = 18

  private static let received = Atomic<Int32>(0)
  private static let graceful = Mutex<StopFlag?>(nil)

  /// Waits for the signals from now on. Signals that whoever started the program wants ignored stay ignored.
  static func install() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT] {
      var action = sigaction()
      unsafe sigaction(signal, nil, &action)
      if signal == SIGINT, isIgnored(action) { continue }
      unsafe sigaddset(&signals, signal)
    }
    // Threads inherit it, so that none but the one below ever sees them.
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, nil,
      { _ in
        StopSignals.wait()
      }, nil)
    if failure == 0 {
      pthread_detach(thread)
    } else {
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  /// From now on a signal asks for the run's end instead of ending the program.
  static func endGracefully(_ stop: StopFlag) {
    graceful.withLock { $0 = stop }
  }

  /// The exit status of the signal that came; nil without one.
  static var exitStatus: Int32? {
    let signal = received.load(ordering: .acquiring)
    return signal == 0 ? nil : 128 + signal
  }

  /// Whether a signal has been sent that the thread has yet to take.
  static var isPending: Bool {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    return unsafe sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1
  }

  /// Waits for the thread to end the program, as a signal is pending.
  static func awaitEnd() -> Never {
    while true { sleep(1) }
  }

  private static func wait() -> Never {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    var signal: Int32 = 0
    while unsafe sigwait(&signals, &signal) != 0 {}
    received.store(signal, ordering: .releasing)
    guard let stop = graceful.withLock({ $0 }) else { end(signal, "stopped by \(name(signal))") }
    stop.request()
    Diagnostics.say("\(name(signal)): finishing the log at hand; once more ends at once", .notice)
    var grace = timespec(tv_sec: longestGrace, tv_nsec: 0)
    _ = unsafe sigtimedwait(&signals, nil, &grace)
    end(signal, "the log at hand is rolled back")
  }

  private static func end(_ signal: Int32, _ message: String) -> Never {
    Diagnostics.say(PendingCommits.exist ? unanswered : message, .warning)
    RunMetrics.finishCurrent(128 + signal)
    ReplacedFile.exit(128 + signal)
  }

  private static let unanswered =
    "stopped while the server had not answered COMMIT: nobody knows whether what it commits is stored; the next run finds out"

  private static func name(_ signal: Int32) -> String { signal == SIGTERM ? "SIGTERM" : "SIGINT" }

  /// A shell without job control starts what is to run in the background so. `SIG_IGN` is the address 1, a cast that Swift does not
  /// import; both sides have the size of a pointer, and nothing is called.
  private static func isIgnored(_ action: sigaction) -> Bool {
    guard let handler = unsafe action.__sigaction_handler.sa_handler else { return false }
    return unsafe unsafeBitCast(handler, to: Int.self) == 1
  }
}
