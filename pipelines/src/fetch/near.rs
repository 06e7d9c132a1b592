//! Addresses in the network of this machine: its own, and those that no other network can reach. What answers there trusts whoever
//! asks, such as the service that gives machines of a cloud their credentials.
//!
//! A publisher elsewhere has no reason to lead there. Names are looked up for that; whoever changes what a name means between two
//! looks is not kept out, and where a proxy looks names up it is for the proxy to refuse them.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use reqwest::Url;
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Whether an address leads into this network, and the declared address, at which it was found, does not.
pub(super) async fn leads_inside(declared: &Url, to: &Url, patience: Duration) -> bool {
    declared.host_str() != to.host_str()
        && is_near(to, patience).await
        && !is_near(declared, patience).await
}

/// Whether a host is in this network, by its name or by any of its addresses. What cannot be looked up is elsewhere: nothing can
/// be fetched from there either.
async fn is_near(url: &Url, patience: Duration) -> bool {
    let host = url.host_str().unwrap_or_default();
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return is_near_address(address);
    }
    // Every machine's name for itself (RFC 6761), whatever a server of names says.
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    match timeout(patience, lookup_host((host, 0))).await {
        Ok(Ok(mut found)) => found.any(|found| is_near_address(found.ip())),
        _ => false,
    }
}

fn is_near_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_near_v4(address),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(is_near_v4)
        }
    }
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    // What providers share among their customers (RFC 6598), and this network (RFC 1122).
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || is_shared
        || first == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_ones_own_are_near() {
        let near = [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.7",
            "172.16.0.1",
            "192.168.178.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
        ];
        let elsewhere = [
            "192.0.2.1",
            "172.32.0.1",
            "100.128.0.1",
            "8.8.8.8",
            "2001:db8::1",
            "::ffff:8.8.8.8",
        ];
        for (addresses, expected) in [(&near[..], true), (&elsewhere[..], false)] {
            for address in addresses {
                let is_near = is_near_address(address.parse().unwrap());
                assert_eq!(is_near, expected, "{address}");
            }
        }
    }

    #[tokio::test]
    async fn only_what_is_near_itself_leads_there() {
        let leads = async |declared: &str, to: &str| {
            let of = |address: &str| Url::parse(address).unwrap();
            leads_inside(&of(declared), &of(to), Duration::from_secs(5)).await
        };
        // However it is spelled, and by the name that every machine has for itself.
        for to in [
            "http://[::1]/a",
            "http://0x7f.1/a",
            "http://localhost:8080/a",
        ] {
            assert!(leads("https://192.0.2.1/esf", to).await, "{to}");
            assert!(!leads("http://10.0.0.7/esf", to).await, "{to}");
        }
        assert!(!leads("https://192.0.2.1/esf", "https://192.0.2.9/a").await);
        assert!(!leads("http://127.0.0.1:1/esf", "http://127.0.0.1:2/a").await);
    }
}
