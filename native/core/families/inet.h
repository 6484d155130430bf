// AF_INET's parser, which AF_RDS shares.
#pragma once

#include "core/address.h"

namespace berkeley {

AddressError ParseInet(const SocketIdentity& socket, const AddressFields& input, Address* output);

}  // namespace berkeley
