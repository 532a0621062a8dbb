import LogInput
import Testing

@testable import HTTPTransport
@testable import ObjectStore

@Suite struct StoreAnswerTests {
  private func failure(_ status: Int, _ code: String?, isObject: Bool) -> StoreFailure {
    var head = HTTPHead()
    head.status = status
    let body = code.map { "<Error><Code>\($0)</Code><Message>a secret</Message></Error>" } ?? ""
    return StoreAnswer.failure(head, body: Array(body.utf8), isObject: isObject)
  }

  @Test(
    arguments: [
      (403, "InvalidAccessKeyId", .credentials, "AWS_ACCESS_KEY_ID"),
      (403, "SignatureDoesNotMatch", .credentials, "AWS_SECRET_ACCESS_KEY"),
      (400, "ExpiredToken", .credentials, "get new keys"),
      (400, "InvalidToken", .credentials, "AWS_SESSION_TOKEN"),
      (403, "UserSuspended", .credentials, "suspended"),
      (404, "NoSuchBucket", .configuration, "the bucket's name"),
      (403, "RequestTimeTooSkewed", .configuration, "clock"),
      (407, nil, .configuration, "proxy"),
      (503, "SlowDown", .busy, nil), (400, "RequestTimeout", .busy, nil), (500, "InternalError", .busy, nil),
    ] as [(Int, String?, BucketTrouble, String?)])
  func whatIsTheStores(status: Int, code: String?, trouble: BucketTrouble, hint: String?) {
    for isObject in [true, false] {
      let found = failure(status, code, isObject: isObject)
      #expect(found.trouble == trouble)
      #expect(found.trouble.reach == (trouble == .busy ? .moment : .store))
      #expect(found.text == "it answers \(status)" + (code.map { " \($0)" } ?? ""))
      #expect(hint.map { found.hint?.contains($0) == true } ?? (found.hint == nil))
    }
  }

  @Test(
    arguments: [
      (403, "AccessDenied", .forbidden, "s3:GetObject"), (403, nil, .forbidden, "s3:GetObject"),
      (403, "InvalidObjectState", .archived, nil),
      (400, "InvalidRequest", .unreadable, "SSE-C"), (400, nil, .unreadable, "SSE-C"),
      (400, "KMS.DisabledException", .unreadable, "kms:Decrypt"),
      (404, "NoSuchKey", .missing, nil), (404, nil, .missing, nil),
      (412, "PreconditionFailed", .changed, nil),
    ] as [(Int, String?, BucketTrouble, String?)])
  func whatIsTheObjects(status: Int, code: String?, trouble: BucketTrouble, hint: String?) {
    let found = failure(status, code, isObject: true)
    #expect(found.trouble == trouble)
    #expect(found.trouble.reach == .object)
    #expect(hint.map { found.hint?.contains($0) == true } ?? (found.hint == nil))
  }

  @Test(
    arguments: [
      (403, "AccessDenied", .forbidden, "s3:ListBucket"), (403, nil, .forbidden, "s3:ListBucket"),
      (400, "InvalidRequest", .configuration, nil), (404, nil, .configuration, nil),
    ] as [(Int, String?, BucketTrouble, String?)])
  func whatIsTheListings(status: Int, code: String?, trouble: BucketTrouble, hint: String?) {
    let found = failure(status, code, isObject: false)
    #expect(found.trouble == trouble)
    #expect(hint.map { found.hint?.contains($0) == true } ?? (found.hint == nil))
  }

  @Test func theRegionOfTheBucketIsTheHint() {
    for (status, code) in [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed"), (301, nil)] {
      var head = HTTPHead()
      head.status = status
      head.add("x-amz-bucket-region: eu-west-3".utf8)
      let body = code.map { "<Error><Code>\($0)</Code></Error>" } ?? ""
      let found = StoreAnswer.failure(head, body: Array(body.utf8), isObject: true)
      #expect(found.trouble == .configuration)
      #expect(found.hint == "the bucket is in the region eu-west-3: set AWS_REGION")
    }
  }
}
