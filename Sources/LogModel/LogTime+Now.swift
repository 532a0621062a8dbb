import Glibc

extension LogTime {
  /// The present, by the clock of this machine.
  public static var now: LogTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return LogTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
