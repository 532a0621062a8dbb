/// What stands in the way of reading a bucket or an object in it.
public enum BucketTrouble: Sendable, Hashable {
  /// No connection, or no answer in time; after bounded retries.
  case unreachable
  /// The store asks for patience, or fails; after bounded retries.
  case busy
  /// The store's listing comes back to what it gave before: it would never end.
  case endless
  /// The store does not accept the keys.
  case credentials
  /// Endpoint, region, name or certificate: to be changed.
  case configuration
  /// The store accepts the keys and refuses this object or prefix.
  case forbidden
  /// The object lies in an archive and has to be restored first.
  case archived
  /// The store does not give this object to a plain request: it may be encrypted with a key of its own.
  case unreadable
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

  /// How far trouble reaches.
  public enum Reach: Sendable, Hashable {
    /// It is this object's; others may be readable.
    case object
    /// It is the store's, now: after some objects in a row, no other is asked for.
    case moment
    /// It is the whole store's: no other object is asked for.
    case store
  }

  /// How far it reaches.
  public var reach: Reach {
    switch self {
    case .credentials, .configuration: .store
    case .unreachable, .busy, .endless: .moment
    case .forbidden, .archived, .unreadable, .missing, .changed, .cut, .length, .stopped: .object
    }
  }

  /// Whether the store gave nothing of the log: nothing is then entered into the ledger, and the next run asks again.
  public var isOutage: Bool {
    switch self {
    case .unreachable, .busy, .endless, .credentials, .configuration, .forbidden, .archived, .unreadable: true
    case .missing, .changed, .cut, .length, .stopped: false
    }
  }

  /// Whether it may pass when it is tried again.
  package var mayPass: Bool {
    switch self {
    case .unreachable, .busy, .cut, .length: true
    case .endless, .credentials, .configuration, .forbidden, .archived, .unreadable, .missing, .changed,
      .stopped:
      false
    }
  }

  var message: String {
    switch self {
    case .unreachable: "the object store cannot be reached"
    case .busy: "the object store cannot serve it now"
    case .endless: "the object store's listing does not move on"
    case .credentials: "the object store does not accept the keys"
    case .configuration: "the object store cannot be used like this"
    case .forbidden: "the object store refuses it"
    case .archived: "it is archived"
    case .unreadable: "the object store does not give it"
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
    case .endless:
      "check the endpoint, and what stands before it (a proxy, a cache); tell whoever runs the store"
    case .credentials: "check the keys and the endpoint"
    case .configuration: "see docs/object-storage.md for endpoint, region and certificates"
    case .forbidden: "check that the keys may do s3:ListBucket and s3:GetObject there"
    case .archived: "restore it, or leave archived logs out"
    case .unreadable: "see docs/object-storage.md for what a store may refuse"
    case .missing: "check bucket and key"
    case .changed: "run again"
    case .cut, .length: "what came before was read; run again"
    case .stopped: "run again"
    }
  }
}
