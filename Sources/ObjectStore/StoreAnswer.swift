import HTTPTransport
import LogInput

/// What an answer that is none of the good ones means.
enum StoreAnswer {
  /// As much of an error's body as is looked at.
  static let longestBody = 64 << 10

  /// The trouble that an answer tells of.
  /// - Parameters:
  ///   - head: The answer's head.
  ///   - body: What there is of its body.
  ///   - isObject: Whether an object was asked for, or the bucket.
  /// - Returns: The trouble.
  static func failure(_ head: HTTPHead, body: [UInt8], isObject: Bool) -> StoreFailure {
    let told = told(in: body)
    let code = told["Code"]
    let text = "it answers \(head.status)" + (code.map { " \($0)" } ?? "")
    let region = head["x-amz-bucket-region"] ?? told["Region"]
    switch (head.status, code) {
    case (301, _), (307, _), (308, _), (400, "AuthorizationHeaderMalformed"),
      (400, "IllegalLocationConstraintException"):
      return StoreFailure(
        .configuration, text + (region.map { "; the bucket is in the region \($0): set AWS_REGION" } ?? ""))
    case (404, "NoSuchBucket"): return StoreFailure(.configuration, text)
    case (404, _): return StoreFailure(isObject ? .missing : .configuration, text)
    case (403, "RequestTimeTooSkewed"):
      return StoreFailure(.configuration, text + "; the clock of this machine is wrong")
    case (401, _), (403, _), (400, "ExpiredToken"), (400, "InvalidToken"):
      return StoreFailure(.forbidden, text)
    case (412, _): return StoreFailure(.changed, text)
    case (400, "RequestTimeout"), (408, _), (429, _), (500, _), (502..., _): return StoreFailure(.busy, text)
    default: return StoreFailure(.configuration, text)
    }
  }

  /// Code and region of an error. Its message and all else may repeat what was sent, and are not shown.
  private static func told(in body: [UInt8]) -> [String: String] {
    var found: [String: String] = [:]
    let reader = XMLReader { event in
      guard case .ended(let name, let text) = event, name == "Code" || name == "Region" else { return }
      let value = String(decoding: text.prefix(64), as: UTF8.self)
      let isWord = value.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789-.".unicodeScalars.contains($0))
      }
      if isWord, !value.isEmpty { found[name] = value }
    }
    // What stood before a fault was told.
    _ = reader?.feed(body, isLast: true)
    return found
  }
}

extension StoreFailure {
  /// Why there was no answer.
  init(_ failure: HTTPFailure) {
    let trouble: BucketTrouble =
      switch failure.kind {
      case .unreachable: .unreachable
      case .cut: .cut
      case .interrupted: .stopped
      case .tls, .invalid, .tooLong: .configuration
      }
    self.init(trouble, failure.description)
  }
}
