import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Instants of every form that the logs hold (2-log-envelopes, Times).
@Suite struct LogTimeTests {
  @Test(arguments: [
    ("2026-03-28T02:14:07.123+0000", "2026-03-28T02:14:07.123Z"),
    ("2026-03-28T02:14:07.123Z", "2026-03-28T02:14:07.123Z"),
    ("2026-11-23T01:01:15.206-0500", "2026-11-23T06:01:15.206Z"),
    ("2026-11-23T07:22:31.370+0100", "2026-11-23T06:22:31.37Z"),
    ("2026-11-23 06:08:29.840721+00:00", "2026-11-23T06:08:29.840721Z"),
    ("2026-11-23T05:48:43.199837", "2026-11-23T05:48:43.199837Z"),
    ("2026-03-28 02:14:07,5", "2026-03-28T02:14:07.5Z"),
    ("20260328T021407", "2026-03-28T02:14:07Z"),
    ("2026-03-28T02:14:08.230562345Z", "2026-03-28T02:14:08.230562Z"),
    ("2026-03-28T00:30:00+05:45", "2026-03-27T18:45:00Z"),
    ("2024-02-29T23:59:60Z", "2024-02-29T23:59:59.999999Z"),
    ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999999Z"),
  ])
  func readsAndPrints(text: String, printed: String) {
    #expect(LogTime(text)?.description == printed)
    #expect(LogTime(printed) == LogTime(text))
  }

  @Test(arguments: [
    "", "2026", "2026-03-28", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-03-28T24:00:00Z", "2026-03-28T02:60:00Z", "2026-03-28T02:14:61Z",
    "2026-03-28T02:14:07*123Z",
    "2026-03-28T02:14:07Zx", "2026-03-28T02:14:07.Z", "2026-03-28T02:14:07+1", "26-03-28T02:14:07Z",
    "2026-03-28_02:14:07", "20260328 021407", "0000-12-31T23:59:59Z", "0000-12-31T23:59:59-00:01",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999999-00:01", "9999-12-31, 23:59:00 -0100",
    "00001231T235959",
  ])
  func refuses(text: String) {
    #expect(LogTime(text) == nil)
  }

  /// The first instants that the years 1 to 9999 do not hold, and the shortest fraction.
  @Test(
    arguments: [
      (253_402_300_800_000_000, "10000-01-01T00:00:00Z"),
      (-62_135_596_800_000_001, "0000-12-31T23:59:59.999999Z"),
      (1, "1970-01-01T00:00:00.000001Z"), (-999_900, "1969-12-31T23:59:59.0001Z"),
    ] as [(Int64, String)])
  func printsInstantsOfAnyYear(microseconds: Int64, printed: String) {
    #expect(LogTime(microseconds: microseconds).description == printed)
  }

  /// Against a count of days one by one, over four hundred years.
  @Test func everyDayOfAnEra() {
    var day = 0
    for year in 1970..<2370 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        .enumerated()
      {
        for date in [1, length] {
          let seconds = Int64(day + date - 1) * 86_400
          let time = LogTime(microseconds: seconds * 1_000_000)
          let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
          let text = "\(year)-\(digits(month + 1))-\(digits(date))T00:00:00Z"
          #expect(time.description == text)
          #expect(LogTime(text) == time)
        }
        day += length
      }
    }
  }

  /// The form that nearly all times have is read in a way of its own. With a blank for the `T` it is not, and has to mean the same.
  /// Of texts that differ in digits alone, those are times that are ones by themselves, whatever came before.
  @Test(arguments: [
    "0000-00-00T00:00:00.000+0000", "0000-00-00T00:00:00.000000Z", "0000-00-00T00:00:00+0000",
    "0000-00-00 00:00:00.000Z",
  ])
  func similarTimesAreTimesEachForItself(form: String) {
    let digits = [
      "20260328021407", "20260328021459", "20260328021460", "20260328021461", "20260328021499",
      "20260328021407",
      "20260328026000", "20260328240000", "20261328021407", "20260330021407", "20260231021407",
      "00000328021407", "20260328021408",
    ]
    var times = SimilarTimes()
    for tail in ["000000", "123456", "999999"] {
      for zone in ["0000", "0100", "2400", "0060"] {
        for head in digits + digits.reversed() {
          var rest =
            (head
            + (form.contains(".000000") ? tail : form.contains(".") ? String(tail.prefix(3)) : ""))[
              ...]
          if form.hasSuffix("+0000") { rest += zone }
          let text = String(form.map { $0 == "0" ? rest.popFirst() ?? "0" : $0 })
          let bytes = Array(text.utf8)
          let (isTime, isOne) = (times.isTime(bytes.span), LogTime(bytes.span) != nil)
          #expect(isTime == isOne, "\(text)")
        }
      }
    }
  }

  @Test func theUsualFormMeansWhatOtherFormsMean() {
    let days = [
      "2026-03-28", "2024-02-29", "2026-02-30", "1969-12-31", "0000-01-01", "9999-12-28",
      "2026-13-01",
      "2026-00-10",
    ]
    let clocks = [
      "02:14:07", "23:59:59", "00:00:00", "24:00:00", "07:60:00", "07:59:60", "07:59:61",
    ]
    let fractions = [
      "", ".", ".1", ".12", ".123", ".1234", ".12345", ".123456", ".1234567", ",123", ".12x",
      ".000",
      ".9999999",
    ]
    let zones = [
      "", "Z", "+0000", "+00:00", "+0001", "-0000", "+0130", "-05:30", "+00", "+000", "Zx", "z",
      " UTC",
      "+0000x",
    ]
    for day in days {
      for clock in clocks {
        for fraction in fractions {
          for zone in zones {
            let (usual, other) = (
              "\(day)T\(clock)\(fraction)\(zone)", "\(day) \(clock)\(fraction)\(zone)"
            )
            let isSame = LogTime(usual) == LogTime(other)
            #expect(isSame, "\(usual)")
          }
        }
      }
    }
    for place in 0..<28 where place != 10 {
      for byte in Array("09x-:., +Z".utf8) {
        var text = Array("2026-03-28T02:14:07.123+0000".utf8)
        text[place] = byte
        var other = text
        other[10] = UInt8(ascii: " ")
        let isSame = LogTime(text.span) == LogTime(other.span)
        #expect(isSame, "\(String(decoding: text, as: UTF8.self))")
      }
    }
  }
}
