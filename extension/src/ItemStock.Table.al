// Rows that are made when they are asked for; nothing of it is stored.
table 50122 "Cartage Item Stock"
{
    TableType = Temporary;

    fields
    {
        field(1; Id; Guid) { }
        field(2; "Item Id"; Guid) { }
        field(3; "Item No."; Code[20]) { }
        field(4; "Variant Code"; Code[10]) { }
        field(5; "Location Code"; Code[10]) { }
        field(6; "Variant Id"; Guid) { }
        field(7; "Location Id"; Guid) { }
        field(8; Inventory; Decimal) { }
        field(9; "Qty. on Sales Orders"; Decimal) { }
        field(10; "Reserved Quantity"; Decimal) { }
        field(11; Available; Decimal) { }
        field(12; "Last Entry No."; Integer) { }
        field(13; "Reserved for Shopify"; Decimal) { }
    }

    keys
    {
        key(PK; "Item No.", "Variant Code", "Location Code") { Clustered = true; }
        key(ById; Id) { }
    }
}
