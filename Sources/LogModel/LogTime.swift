/// An instant in UTC, to the microsecond (2-log-envelopes, Times).
public struct LogTime: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public let microseconds: Int64

  /// The instant that many microseconds after the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Whether the instant lies in the years 1 to 9999 (2-log-envelopes, Times). An instant outside them is no time of a log: a
  /// garbled clock gave it, or a text that only looks like a time. RFC 3339 cannot write it, and PostgreSQL has no year 0.
  public var isReadable: Bool {
    microseconds >= -62_135_596_800_000_000 && microseconds <= 253_402_300_799_999_999
  }

  /// The earlier of two instants is the smaller.
  public static func < (left: LogTime, right: LogTime) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension LogTime: CustomStringConvertible {
  /// RFC 3339 with `Z` and the shortest fraction: `2026-03-28T02:14:07.123Z`, `2026-03-28T02:14:07Z`.
  public var description: String {
    var text: [UInt8] = []
    text.append(addingCapacity: Self.mostBytes) { write(to: &$0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The room that the text needs; instants of any year have that.
  package static var mostBytes: Int { 44 }

  /// Appends the text of ``description`` where there is room for ``mostBytes``.
  package func write(to out: inout OutputSpan<UInt8>) {
    out.writing(Self.mostBytes) { write(to: &$0) }
  }

  func write(to cursor: inout ByteCursor) {
    let (days, inDay) = microseconds.flooredDivision(by: 86_400_000_000)
    let date = CivilDate(daysSinceEpoch: days)
    let seconds = UInt64(inDay / 1_000_000)
    let microsecond = UInt64(inDay % 1_000_000)
    if 0...9999 ~= date.year {
      cursor.put(EightDigits(UInt64(date.year)).last(4), count: 4)
    } else {
      Self.put(farYear: date.year, to: &cursor)
    }
    // Two digits each, of month and day, and of hour, minute and second.
    let inYear = EightDigits(UInt64(date.month * 100 + date.day)).last(4)
    let clock = EightDigits(seconds / 3600 * 10_000 + seconds / 60 % 60 * 100 + seconds % 60).last(6)
    cursor.put(UInt8(ascii: "-"))
    cursor.put(inYear, count: 2)
    cursor.put(UInt8(ascii: "-"))
    cursor.put(inYear >> 16, count: 2)
    cursor.put(UInt8(ascii: "T"))
    cursor.put(clock, count: 2)
    cursor.put(UInt8(ascii: ":"))
    cursor.put(clock >> 16, count: 2)
    cursor.put(UInt8(ascii: ":"))
    cursor.put(clock >> 32, count: 2)
    if microsecond > 0 {
      let fraction = EightDigits(microsecond)
      cursor.put(UInt8(ascii: "."))
      cursor.put(fraction.last(6), count: 6 - fraction.trailingZeros)
    }
    cursor.put(UInt8(ascii: "Z"))
  }

  /// Writes a year of more than four digits, or one before Christ: with zeros before the minus up to four characters.
  private static func put(farYear year: Int64, to cursor: inout ByteCursor) {
    var (length, rest) = (year < 0 ? 2 : 1, year.magnitude / 10)
    while rest > 0 { (length, rest) = (length + 1, rest / 10) }
    for _ in 0..<max(0, 4 - length) { cursor.put(UInt8(ascii: "0")) }
    cursor.put(year.magnitude, isNegative: year < 0, scale: 0)
  }
}

/// A date of the proleptic Gregorian calendar.
struct CivilDate {
  var year: Int64
  var month: Int
  var day: Int

  /// The date a number of days after 1970-01-01; eras of 400 years begin on a 1 March.
  init(daysSinceEpoch: Int64) {
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// A date that the calendar has.
  init(year: Int64, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// A date if the calendar has it.
  init?(checkedYear year: Int64, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1 else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day <= lengths[month - 1] else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// How many days after 1970-01-01.
  var daysSinceEpoch: Int64 {
    let year = month <= 2 ? self.year - 1 : self.year
    let (era, yearOfEra) = year.flooredDivision(by: 400)
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  /// Quotient rounded down, and the remainder from 0.
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
