import Glibc

/// Threads of the system's, each of which may block: Swift's own are as many as there are cores and must not.
package enum Threads {
  /// Runs the body once on each of so many threads, the caller's among them, and returns when all have ended.
  ///
  /// The system may refuse a thread. The work is then done by the threads that it gave.
  /// - Parameters:
  ///   - count: At least 1.
  ///   - body: Takes the thread's number, from 0; the caller's is 0.
  package static func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var threads: [pthread_t] = []
      for number in 1..<max(1, count) {
        guard let thread = start({ body(number) }) else { break }
        threads.append(thread)
      }
      body(0)
      for thread in threads { pthread_join(thread, nil) }
    }
  }

  /// Runs the body on the caller's thread and `work` on another one, and returns when both have ended.
  /// - Returns: What the body returns. Nil where the system gives no further thread; then neither has run.
  /// - Throws: What the body throws, when both have ended.
  package static func run<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result, beside work: @Sendable () -> Void
  ) throws(Failure) -> Result? {
    try withoutActuallyEscaping(work) { (work) throws(Failure) in
      guard let thread = start(work) else { return nil }
      defer { pthread_join(thread, nil) }
      return try body()
    }
  }

  /// Starts a thread that runs the body; nil where the system gives none.
  private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let task = unsafe Unmanaged.passRetained(Task(body))
    let failure = unsafe pthread_create(
      &thread, nil,
      { task in
        if let task = unsafe task {
          unsafe Unmanaged<Task>.fromOpaque(task).takeRetainedValue().body()
        }
        return nil
      }, task.toOpaque())
    guard failure == 0 else {
      unsafe task.release()
      return nil
    }
    return thread
  }

  private final class Task: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }
}
