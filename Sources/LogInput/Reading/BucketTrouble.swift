/// What stands in the way of reading a bucket or an object in it.
public enum BucketTrouble: Sendable, Hashable {
  /// No connection, or no answer in time; after bounded retries.
  case unreachable
  /// The store asks for patience, or fails; after bounded retries.
  case busy
  /// The store does not let us.
  case forbidden
  /// Endpoint, region, name or certificate: to be changed.
  case configuration
  /// There is no such object, or nothing below the prefix.
  case missing
  /// The object was replaced while it was read.
  case changed
  /// The object ends before its end, again and again.
  case cut
  /// The store tells another length than it did before.
  case length
  /// The program is to end.
  case stopped

  /// Whether it says something about the store, not about this log: nothing is then entered into the ledger.
  public var isOutage: Bool {
    switch self {
    case .unreachable, .busy, .forbidden, .configuration: true
    case .missing, .changed, .cut, .length, .stopped: false
    }
  }

  /// Whether it may pass when it is tried again.
  package var mayPass: Bool {
    switch self {
    case .unreachable, .busy, .cut, .length: true
    case .forbidden, .configuration, .missing, .changed, .stopped: false
    }
  }

  var message: String {
    switch self {
    case .unreachable: "the object store cannot be reached"
    case .busy: "the object store cannot serve it now"
    case .forbidden: "the object store refuses it"
    case .configuration: "the object store cannot be used like this"
    case .missing: "there is no such object"
    case .changed: "it was replaced while it was read"
    case .cut: "the transfer ends before the object's end"
    case .length: "the object store tells two lengths of it"
    case .stopped: "not read"
    }
  }

  var advice: String {
    switch self {
    case .unreachable: "check endpoint and network, then run again"
    case .busy: "run again later"
    case .forbidden: "check the credentials, and that they may do s3:ListBucket and s3:GetObject"
    case .configuration: "see docs/object-storage.md for endpoint, region and certificates"
    case .missing: "check bucket and key; it may have been deleted meanwhile"
    case .changed: "run again"
    case .cut, .length: "what came before was read; run again"
    case .stopped: "run again"
    }
  }
}
