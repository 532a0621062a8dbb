import HTTPTransport
import LogInput

/// Finds out what an answer means that is not a success.
enum StoreAnswer {
  /// How many bytes of an error's body are read at most.
  static let longestBody = 64 << 10

  /// The trouble that an answer means.
  /// - Parameters:
  ///   - head: The answer's head.
  ///   - body: The beginning of the answer's body.
  ///   - isObject: Whether the request was for an object; false if it was for the bucket.
  /// - Returns: The trouble.
  static func failure(_ head: HTTPHead, body: [UInt8], isObject: Bool) -> StoreFailure {
    let told = told(in: body)
    let code = told["Code"]
    let text = "it answers \(head.status)" + (code.map { " \($0)" } ?? "")
    let region = head["x-amz-bucket-region"] ?? told["Region"]
    if let code = code.flatMap(StoreCode.init) {
      return StoreFailure(
        code.trouble(ofObject: isObject), text, hint: code.hint(ofObject: isObject, region: region))
    }
    switch head.status {
    case 301, 307, 308: return StoreFailure(.configuration, text, hint: StoreCode.regionHint(region))
    case 401: return StoreFailure(.credentials, text)
    case 403: return StoreFailure(.forbidden, text, hint: StoreCode.rightsHint(ofObject: isObject))
    case 404: return StoreFailure(isObject ? .missing : .configuration, text)
    case 407:
      return StoreFailure(.configuration, text, hint: "check the proxy and its password (https_proxy)")
    case 412: return StoreFailure(.changed, text)
    case 408, 429, 500, 502...: return StoreFailure(.busy, text)
    case 400..<500 where isObject: return StoreFailure(.unreadable, text, hint: StoreCode.encryptionHint)
    default: return StoreFailure(.configuration, text)
    }
  }

  /// Code and region in an error's body. Nothing else of it is shown, because the message can repeat the request.
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
    // Keep the code and region that came before the XML became faulty.
    _ = reader?.feed(body, isLast: true)
    return found
  }
}

extension StoreFailure {
  /// The failure of a request that got no answer.
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
