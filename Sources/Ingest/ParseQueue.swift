public import LogInput
import ObjectStore
import Synchronization

/// What `parse` is to read next.
public enum ParseItem: Sendable {
  /// A log, by the name it has in the output, with the task attempt that its path names.
  case log(LogPlace, source: String, of: GivenTask?)
  /// Something to be told instead.
  case notice(ParseNotice)
}

/// Finds the logs that `parse` is to read as they are asked for, in order; for any number of threads.
public final class ParseQueue: Sendable {
  private struct State: ~Copyable {
    var inputs: ArraySlice<ParseInput>
    var walk: LogWalk?
    var objects: ObjectWalk?
    /// What comes before all else, where one input gives two items.
    var alsoNext: ParseItem?
    var count = 0
  }

  private let readLimits: ReadLimits
  private let state: Mutex<State>

  /// A queue of everything that the inputs hold.
  public init(_ inputs: [ParseInput], readLimits: ReadLimits = ReadLimits()) {
    self.readLimits = readLimits
    state = Mutex(State(inputs: inputs[...]))
  }

  /// The next item with its number, from 0; nil at the end.
  public func next() -> (number: Int, item: ParseItem)? {
    state.withLock { state in
      guard let item = nextItem(&state) else { return nil }
      defer { state.count += 1 }
      return (state.count, item)
    }
  }

  private static func item(_ object: FoundObject) -> ParseItem {
    if object.isArchived { return .notice(.archived(object.location)) }
    return .log(.object(object), source: object.location, of: GivenTask(object.logPath))
  }

  private func nextItem(_ state: inout State) -> ParseItem? {
    if let item = state.alsoNext.take() { return item }
    while true {
      switch state.walk?.next() {
      case .log(let found):
        return .log(
          .file(found.readPath, root: found.readRoot), source: found.path.locationText,
          of: GivenTask(LogPath(found.path.absolute)))
      case .skipped(let path, let reason):
        return .notice(.skipped(path.locationText, reason: reason.rawValue))
      case .failed(let error): return .notice(.failed(error))
      case nil: state.walk = nil
      }
      switch state.objects?.next() {
      case .log(let found): return Self.item(found)
      case .skipped(let location, let reason):
        return .notice(.skipped(location, reason: reason.rawValue))
      case .failed(let error): return .notice(.failed(error))
      case nil: state.objects = nil
      }
      switch state.inputs.popFirst() {
      case .standardInput: return .log(.standardInput, source: "-", of: nil)
      case .bucket(let bucket, let key):
        do throws(InputError) {
          switch try NamedObject(bucket, key: key) {
          case .object(let object): return Self.item(object)
          case .both(let object):
            state.inputs = [.bucket(bucket, key: key + [UInt8(ascii: "/")])] + state.inputs
            state.alsoNext = Self.item(object)
            return .notice(.both(object.location))
          case .folder: state.objects = try ObjectWalk(bucket, root: key)
          }
        } catch {
          return .notice(.failed(error))
        }
      case .path(let path):
        do throws(InputError) {
          guard try LogPlace.namesFolder(path) else {
            return .log(
              .file(path, root: nil), source: path.locationText, of: GivenTask(LogPath(path.absolute)))
          }
          state.walk = try LogWalk(path, limits: readLimits)
        } catch {
          return .notice(.failed(error))
        }
      case nil: return nil
      }
    }
  }
}
