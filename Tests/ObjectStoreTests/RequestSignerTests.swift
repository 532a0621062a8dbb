import HTTPTransport
import LogModel
import Testing

@testable import ObjectStore

/// The examples that AWS publishes with Signature Version 4 for S3. Everything else is held against botocore
/// (Tests/ObjectStore/test_signing.py).
@Suite struct RequestSignerTests {
  private let signer = RequestSigner(
    credentials: Credentials(
      accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    region: "us-east-1")

  private func signature(
    _ path: String, _ query: [(name: String, value: String)] = [], _ headers: [HTTPRequest.Header] = []
  ) throws -> Substring? {
    let time = try #require(LogTime("2013-05-24T00:00:00Z"))
    let signed = signer.headers(
      method: "GET", host: "examplebucket.s3.amazonaws.com", path: path, query: query, headers: headers,
      at: time)
    #expect(signed.last?.name == "Authorization")
    return signed.last?.value.split(separator: "Signature=").last
  }

  @Test func anObjectAndARange() throws {
    #expect(
      try signature("/test.txt", [], [HTTPRequest.Header("Range", "bytes=0-9")])
        == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  }

  @Test func aListing() throws {
    #expect(
      try signature("/", [(name: "prefix", value: "J"), (name: "max-keys", value: "2")])
        == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
  }

  @Test func aStampHasWholeSeconds() throws {
    let time = try #require(LogTime("2026-03-28T02:14:07.999999Z"))
    #expect(RequestSigner.stamp(time) == "20260328T021407Z")
  }

  @Test(arguments: [
    ("a b+c:d=e%&é/", "a%20b%2Bc%3Ad%3De%25%26%C3%A9%2F", "a%20b%2Bc%3Ad%3De%25%26%C3%A9/"),
    ("-._~AZaz09", "-._~AZaz09", "-._~AZaz09"),
  ])
  func encoding(text: String, whole: String, path: String) {
    #expect(URLEncoding.encoded(text.utf8) == whole)
    #expect(URLEncoding.encoded(text.utf8, keepingSlashes: true) == path)
  }

  @Test func credentialsAreNotShown() {
    let keys = Credentials(accessKeyID: "id", secretKey: "canary", sessionToken: "canary")
    #expect("\(keys)" == "credentials")
  }
}
