package connector

import "net/netip"

// special are ranges of addresses that are not public hosts, from the registries of special-purpose addresses that IANA keeps by RFC 6890
// (iana-ipv4-special-registry, iana-ipv6-special-registry), and the fixed addresses of cloud platforms. The first range that holds an address
// decides. Of version 6 nothing outside 2000::/3 is a public host.
var special = []struct {
	prefix  netip.Prefix
	what    string
	private bool // a host of the city's own may have it
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "no host", false},
	{netip.MustParsePrefix("10.0.0.0/8"), "private", true},
	{netip.MustParsePrefix("100.100.100.200/32"), "a cloud's metadata service", false}, // Alibaba
	{netip.MustParsePrefix("100.64.0.0/10"), "shared behind a provider's translator", true},
	{netip.MustParsePrefix("127.0.0.0/8"), "this machine itself", true},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud's metadata service", false}, // Azure
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local, where clouds keep their metadata service", false},
	{netip.MustParsePrefix("172.16.0.0/12"), "private", true},
	{netip.MustParsePrefix("192.0.0.0/24"), "kept for protocols", false},
	{netip.MustParsePrefix("192.0.2.0/24"), "for documentation", false},
	{netip.MustParsePrefix("192.88.99.0/24"), "a relay", false},
	{netip.MustParsePrefix("192.168.0.0/16"), "private", true},
	{netip.MustParsePrefix("198.18.0.0/15"), "for tests of networks", false},
	{netip.MustParsePrefix("198.51.100.0/24"), "for documentation", false},
	{netip.MustParsePrefix("203.0.113.0/24"), "for documentation", false},
	{netip.MustParsePrefix("224.0.0.0/4"), "a group and no host", false},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved", false},

	{netip.MustParsePrefix("::/128"), "no host", false},
	{netip.MustParsePrefix("::1/128"), "this machine itself", true},
	{netip.MustParsePrefix("64:ff9b::/96"), "a translated address of version 4", false},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a translated address of version 4", false},
	{netip.MustParsePrefix("2001::/32"), "a tunnel (Teredo)", false},
	{netip.MustParsePrefix("2001::/23"), "kept for protocols", false},
	{netip.MustParsePrefix("2001:db8::/32"), "for documentation", false},
	{netip.MustParsePrefix("2002::/16"), "a tunnel (6to4)", false},
	{netip.MustParsePrefix("3fff::/20"), "for documentation", false},
	{netip.MustParsePrefix("fd00:ec2::/32"), "a cloud's metadata service", false},    // Amazon
	{netip.MustParsePrefix("fd20:ce::254/128"), "a cloud's metadata service", false}, // Google
	{netip.MustParsePrefix("fc00::/7"), "private", true},
	{netip.MustParsePrefix("fe80::/10"), "link-local", false},
	{netip.MustParsePrefix("fec0::/10"), "private (site-local)", true},
	{netip.MustParsePrefix("ff00::/8"), "a group and no host", false},
}

// public6 is where public hosts of version 6 are.
var public6 = netip.MustParsePrefix("2000::/3")

// notPublic says what an address is that is no public host's, "" for a public one. private: it may be a host of the city's own.
func notPublic(a netip.Addr) (what string, private bool) {
	if !a.IsValid() {
		return "no address", false
	}
	if a.Zone() != "" {
		return "bound to one link", false
	}
	a = a.Unmap()
	for _, s := range special {
		if s.prefix.Contains(a) {
			return s.what, s.private
		}
	}
	if a.Is6() && !public6.Contains(a) {
		return "reserved", false
	}
	return "", false
}
