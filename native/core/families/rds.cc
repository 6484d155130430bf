// AF_RDS addresses, which are AF_INET addresses in both directions.
#include <netinet/in.h>

#include "core/families/families.h"
#include "core/families/inet.h"
#include "core/families/structures.h"

namespace berkeley {

const FamilyCodec kRdsFamily = {kAfRds, sizeof(sockaddr_in6), ParseInet, nullptr};

}  // namespace berkeley
