// Rows that are made when they are asked for; nothing of it is stored.
table 50123 "Cartage Item Attribute"
{
    TableType = Temporary;

    fields
    {
        field(1; Id; Guid) { }
        field(2; "Item Id"; Guid) { }
        field(3; "Item No."; Code[20]) { }
        field(4; "Variant Code"; Code[10]) { }
        field(5; "Attribute Id"; Integer) { }
        field(6; "Language Code"; Code[10]) { }
        field(7; Name; Text[250]) { }
        field(8; Value; Text[250]) { }
        field(9; Unit; Text[30]) { }
        field(10; Type; Option) { OptionMembers = Option,Text,Integer,Decimal,Date; }
        field(11; Blocked; Boolean) { }
        field(12; "Modified At"; DateTime) { }
    }

    keys
    {
        key(PK; "Item No.", "Variant Code", "Attribute Id", "Language Code") { Clustered = true; }
        key(ById; Id) { }
    }
}
