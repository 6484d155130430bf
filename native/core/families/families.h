// Declares the codec of each address family.
#pragma once

#include "core/address.h"

namespace berkeley {

// Those of Linux are declared everywhere, since their files need no header of Linux; whether they
// are known is decided by families.list alone.
#define FAMILY(codec) extern const FamilyCodec codec;
#include "core/families/families.list"
#include "core/families/families_linux.list"
#undef FAMILY

}  // namespace berkeley
