import FoundationEssentials

/// The answer to an instant query that is expected to give one number.
enum InstantAnswer: Equatable {
  /// The one value.
  case value(Double)
  /// The query has no value, because the server has no data for it.
  case empty
  /// The query gives more than one series.
  case several(Int)
  /// The server could not evaluate the query. Carries the server's reason.
  case failed(String)

  private struct Answer: Decodable {
    let status: String
    let error: String?
    let data: Payload?
  }

  private struct Payload: Decodable {
    let resultType: String
    let result: Result
  }

  private struct Series: Decodable {
    let value: Sample
  }

  /// `[seconds, "number"]`.
  private struct Sample: Decodable {
    let value: Double?

    init(from decoder: any Decoder) throws {
      var parts = try decoder.unkeyedContainer()
      _ = try parts.decode(Double.self)
      value = Self.number(try parts.decode(String.self))
    }

    /// The value of a decimal number. `Double.init` would also accept hexadecimal numbers and words such as `nan`.
    private static func number(_ text: String) -> Double? {
      switch text {
      case "NaN", "+Inf", "-Inf": .nan
      default: text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) } ? Double(text) : nil
      }
    }
  }

  private enum Result: Decodable {
    case series([Series])
    case scalar(Sample)

    init(from decoder: any Decoder) throws {
      if let series = try? [Series](from: decoder) {
        self = .series(series)
      } else {
        self = .scalar(try Sample(from: decoder))
      }
    }
  }

  /// Reads an answer of `/api/v1/query`. Nil if the text is not such an answer.
  init?(_ body: [UInt8]) {
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else { return nil }
    guard answer.status == "success" else {
      self = .failed(answer.error ?? "without a reason")
      return
    }
    let value: Double?
    switch answer.data?.result {
    case .series(let series) where series.isEmpty:
      self = .empty
      return
    case .series(let series) where series.count > 1:
      self = .several(series.count)
      return
    case .series(let series): value = series.first?.value.value
    case .scalar(let sample): value = sample.value
    case nil: return nil
    }
    guard let value else { return nil }
    self = .value(value)
  }
}
