import CCurl

/// An http or https URL, taken apart by libcurl; user and password are kept apart from what is shown.
public struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
  /// The URL without user, password, query and fragment, and without a slash at its end.
  public let description: String
  /// Host, and port where it is not the scheme's own.
  public let host: String
  /// The path that all others are below, without a slash at its end; empty for the whole host.
  public let path: String
  /// Whether it is asked over TLS.
  public var isSecure: Bool { description.hasPrefix("https:") }
  let user: String?
  let password: String?

  /// Reads a URL.
  /// - Throws: `invalid` for anything but http and https.
  public init(_ text: String) throws(HTTPFailure) {
    guard let url = unsafe curl_url() else { throw HTTPFailure(.invalid, "no memory for a URL") }
    defer { unsafe curl_url_cleanup(url) }
    let code = unsafe curl_url_set(url, CURLUPART_URL, text, 0)
    guard code == CURLUE_OK else {
      // Without a scheme libcurl takes the host for one.
      guard text.contains("://") else {
        throw HTTPFailure(.invalid, "the URL has no scheme; write http:// or https:// before the host")
      }
      throw HTTPFailure(
        .invalid, "the URL cannot be read: \(unsafe String(cString: curl_url_strerror(code)))")
    }
    let scheme = unsafe Self.part(url, CURLUPART_SCHEME) ?? ""
    guard scheme == "http" || scheme == "https", let host = unsafe Self.part(url, CURLUPART_HOST) else {
      throw HTTPFailure(.invalid, "the URL must begin with http:// or https://")
    }
    let flags = UInt32(CURLU_URLDECODE)
    user = unsafe Self.part(url, CURLUPART_USER, flags)
    password = unsafe Self.part(url, CURLUPART_PASSWORD, flags)
    self.host =
      host + (unsafe Self.part(url, CURLUPART_PORT, UInt32(CURLU_NO_DEFAULT_PORT)).map { ":" + $0 } ?? "")
    var path = unsafe Self.part(url, CURLUPART_PATH) ?? ""
    while path.hasSuffix("/") { path.removeLast() }
    self.path = path
    description = "\(scheme)://\(self.host)\(path)"
  }

  private static func part(_ url: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe curl_url_get(url, part, &text, flags) == CURLUE_OK, let found = unsafe text else {
      return nil
    }
    defer { unsafe curl_free(found) }
    return unsafe String(cString: found)
  }
}
