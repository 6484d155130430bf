// AF_BLUETOOTH addresses: a form for each protocol.
#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

AddressError WrongFormat() { return AddressError::System("{method}(): wrong format"); }

// Errors of type mean a wrong form here, as in Python; only numbers out of range stay what they
// are.
AddressError OrWrongFormat(const AddressError& error) {
  return error.ok() || error.kind == AddressError::Kind::kOverflow ? error : WrongFormat();
}

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Reads "XX:XX:XX:XX:XX:XX", where a group may also have a single digit.
AddressError ReadDevice(const std::string& text, uint8_t (&output)[kDeviceAddressSize]) {
  const AddressError bad = AddressError::System("bad bluetooth address");
  size_t position = 0;
  for (size_t group = kDeviceAddressSize; group-- > 0;) {
    int value = 0;
    size_t digits = 0;
    while (digits < 2 && position < text.size() && HexDigit(text[position]) >= 0) {
      value = value * 16 + HexDigit(text[position]);
      ++position;
      ++digits;
    }
    if (digits == 0) return bad;
    output[group] = static_cast<uint8_t>(value);
    if (group > 0 && (position >= text.size() || text[position++] != ':')) return bad;
  }
  return position == text.size() ? AddressError::None() : bad;
}

Field DeviceText(const uint8_t (&device)[kDeviceAddressSize]) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (size_t group = kDeviceAddressSize; group-- > 0;) {
    text += kDigits[device[group] >> 4];
    text += kDigits[device[group] & 15];
    if (group > 0) text += ':';
  }
  return Field::Text(text);
}

void StoreLittleEndian(uint16_t value, uint8_t (&output)[2]) {
  output[0] = static_cast<uint8_t>(value);
  output[1] = static_cast<uint8_t>(value >> 8);
}

int LoadLittleEndian(const uint8_t (&input)[2]) { return input[0] | input[1] << 8; }

// (bdaddr, psm[, cid[, bdaddr_type]])
AddressError ParseL2cap(const AddressFields& input, Address* output) {
  const size_t count = input.fields.size();
  if (!input.is_tuple || count < 2 || count > 4) return WrongFormat();
  std::string text;
  uint16_t psm = 0;
  uint16_t cid = 0;
  uint8_t type = 0;
  AddressError error = ReadText(input, 0, "", &text);
  if (error.ok()) error = ReadUnsigned16(input, 1, &psm);
  if (error.ok() && count > 2) error = ReadUnsigned16(input, 2, &cid);
  if (error.ok() && count > 3) error = ReadUnsigned8(input, 3, &type);
  if (!error.ok()) return OrWrongFormat(error);
  L2capAddress* address = output->As<L2capAddress>();
  address->family = kAfBluetooth;
  StoreLittleEndian(psm, address->psm);
  StoreLittleEndian(cid, address->cid);
  address->type = type;
  output->length = sizeof(*address);
  return ReadDevice(text, address->device);
}

// (bdaddr, channel)
AddressError ParseRfcomm(const AddressFields& input, Address* output) {
  if (!input.is_tuple || input.fields.size() != 2) return WrongFormat();
  std::string text;
  uint8_t channel = 0;
  AddressError error = ReadText(input, 0, "", &text);
  if (error.ok()) error = ReadUnsigned8(input, 1, &channel);
  if (!error.ok()) return OrWrongFormat(error);
  RfcommAddress* address = output->As<RfcommAddress>();
  address->family = kAfBluetooth;
  address->channel = channel;
  output->length = sizeof(*address);
  return ReadDevice(text, address->device);
}

// dev or (dev,) or (dev, channel)
AddressError ParseHci(const AddressFields& input, Address* output) {
  const size_t count = input.fields.size();
  if (count < 1 || count > 2) return WrongFormat();
  uint16_t device = 0;
  uint16_t channel = 0;
  AddressError error = ReadUnsigned16(input, 0, &device);
  if (error.ok() && count > 1) error = ReadUnsigned16(input, 1, &channel);
  if (!error.ok()) return OrWrongFormat(error);
  HciAddress* address = output->As<HciAddress>();
  address->family = kAfBluetooth;
  address->device = device;
  address->channel = channel;
  output->length = sizeof(*address);
  return AddressError::None();
}

// bdaddr, as a text or as bytes
AddressError ParseSco(const AddressFields& input, Address* output) {
  if (input.is_tuple) return WrongFormat();
  const Field& field = input.fields[0];
  if (field.kind != Field::Kind::kText && field.kind != Field::Kind::kBytes) return WrongFormat();
  ScoAddress* address = output->As<ScoAddress>();
  address->family = kAfBluetooth;
  output->length = sizeof(*address);
  return ReadDevice(field.bytes, address->device);
}

AddressError Parse(const SocketIdentity& socket, const AddressFields& input, Address* output) {
  switch (socket.proto) {
    case kBluetoothL2cap:
      return ParseL2cap(input, output);
    case kBluetoothRfcomm:
      return ParseRfcomm(input, output);
    case kBluetoothHci:
      return ParseHci(input, output);
    case kBluetoothSco:
      return ParseSco(input, output);
    default:
      return AddressError::System("{method}(): unknown Bluetooth protocol");
  }
}

void FormatL2cap(const L2capAddress* address, AddressFields* output) {
  const int cid = LoadLittleEndian(address->cid);
  output->is_tuple = true;
  output->fields = {DeviceText(address->device), Field::Integer(LoadLittleEndian(address->psm))};
  if (cid == 0 && address->type == 0) return;
  output->fields.push_back(Field::Integer(cid));
  output->fields.push_back(Field::Integer(address->type));
}

void FormatHci(const HciAddress* address, AddressFields* output) {
  output->fields = {Field::Integer(address->device)};
  if (address->channel == 0) return;
  output->is_tuple = true;
  output->fields.push_back(Field::Integer(address->channel));
}

AddressError Format(const SocketIdentity& socket, const Address& input, AddressFields* output) {
  switch (socket.proto) {
    case kBluetoothL2cap:
      FormatL2cap(input.As<L2capAddress>(), output);
      break;
    case kBluetoothRfcomm:
      output->is_tuple = true;
      output->fields = {DeviceText(input.As<RfcommAddress>()->device),
                        Field::Integer(input.As<RfcommAddress>()->channel)};
      break;
    case kBluetoothHci:
      FormatHci(input.As<HciAddress>(), output);
      break;
    case kBluetoothSco:
      output->fields = {DeviceText(input.As<ScoAddress>()->device)};
      break;
    default:
      return AddressError::Value("Unknown Bluetooth protocol");
  }
  return AddressError::None();
}

}  // namespace

const FamilyCodec kBluetoothFamily = {kAfBluetooth, sizeof(L2capAddress), Parse, Format};

}  // namespace berkeley
