package main

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxSources bounds how many addresses --source may name.
const maxSources = 1 << 16

// parseSources reads what --source names, separated by commas: single addresses, ranges
// with both ends included (127.0.0.2-127.0.0.40), and prefixes (10.0.0.0/24: of IPv4
// those shorter than /31 without their first and last address, which are no host's).
func parseSources(text string) ([]netip.Addr, error) {
	var all []netip.Addr
	for item := range strings.SplitSeq(text, ",") {
		first, last, err := parseSource(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		for a := first; ; a = a.Next() {
			if len(all) == maxSources {
				return nil, fmt.Errorf("%q names more than %d addresses", text, maxSources)
			}
			if all = append(all, a); a == last {
				break
			}
		}
	}
	seen := make(map[netip.Addr]bool, len(all))
	for _, a := range all {
		if seen[a] {
			return nil, fmt.Errorf("%s is named twice", a)
		}
		seen[a] = true
	}
	return all, nil
}

// parseSource returns the ends of one item, first not after last.
func parseSource(item string) (first, last netip.Addr, err error) {
	if strings.Contains(item, "/") {
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			return first, last, fmt.Errorf("%q is no prefix such as 10.0.0.0/24", item)
		}
		first, last = hosts(prefix)
		return first, last, nil
	}
	from, to, isRange := strings.Cut(item, "-")
	if first, err = parseAddr(from); err != nil || !isRange {
		return first, first, err
	}
	if last, err = parseAddr(to); err != nil {
		return first, last, err
	}
	if first.BitLen() != last.BitLen() || last.Less(first) {
		return first, last, fmt.Errorf("the range %q has its ends the wrong way round", item)
	}
	return first, last, nil
}

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil || a.Zone() != "" {
		return a, fmt.Errorf("%q is no address, range or prefix (127.0.0.2-127.0.0.40)", s)
	}
	return a.Unmap(), nil
}

// hosts returns the first and the last address of a prefix that a host may have.
func hosts(p netip.Prefix) (first, last netip.Addr) {
	p = p.Masked()
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 0x80 >> (i % 8)
	}
	first = p.Addr()
	last, _ = netip.AddrFromSlice(bytes)
	if first.Is4() && p.Bits() < 31 {
		return first.Next(), last.Prev()
	}
	return first, last
}
