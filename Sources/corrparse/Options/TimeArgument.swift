import ArgumentParser
import Glibc
import LogModel

/// A point in time on the command line: a date, a timestamp, or an age such as `7d`.
struct TimeArgument: ExpressibleByArgument {
  let time: LogTime

  init?(argument: String) {
    if let age = Self.age(argument) {
      time = LogTime(microseconds: LogTime.now.microseconds - age)
    } else if let time = LogTime(argument) ?? LogTime(argument + "T00:00:00") {
      self.time = time
    } else {
      return nil
    }
  }

  /// `7d`, `12h`, `30m`, `2w` in microseconds.
  private static func age(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0,
      count <= 1_000_000
    else { return nil }
    return count * unit * 1_000_000
  }
}

extension LogTime {
  /// The present.
  static var now: LogTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return LogTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
