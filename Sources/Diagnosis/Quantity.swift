public import LogModel

/// A number that conditions judge: a field's value, or the exact difference of two fields.
public enum Quantity: Sendable, Hashable {
  /// A field's own value, in the field's unit.
  case field(FieldKey)
  /// `f1_buy - baseline_f1_buy`, in units of F1 (0.05 is 5 pts).
  case delta
  /// `screening_f1_buy - last_fold_f1_buy`, in units of F1.
  case screeningGap

  /// The quantity as conditions write it, in canonical keys.
  public var text: String {
    inputs.map(\.name).joined(separator: " - ")
  }

  /// The fields that the quantity is made of, in the order of its text. As in SQL, the quantity is unknown where one of
  /// them is absent.
  public var inputs: [FieldKey] {
    switch self {
    case .field(let key): [key]
    case .delta: [.f1Buy, .baselineF1Buy]
    case .screeningGap: [.screeningF1Buy, .lastFoldF1Buy]
    }
  }
}
