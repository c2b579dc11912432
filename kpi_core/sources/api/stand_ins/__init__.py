"""Stand-ins for services: as strict as they are, on loopback, with a made-up advertiser and faults to order.

They are made from what the vendors publish; none was ever held against the vendor itself.
"""
