import CCurl

/// The dates of HTTP headers.
public enum HTTPDate {
  /// Seconds since 1970 of a date such as `Wed, 21 Oct 2015 07:28:00 GMT`; nil where it is none.
  public static func seconds(in text: String) -> Int? {
    let seconds = unsafe curl_getdate(text, nil)
    return seconds >= 0 ? seconds : nil
  }
}
