// Where a document comes from. The same field numbers in all tables: posting copies them by number.
tableextension 50100 "Cartage Sales Header" extends "Sales Header"
{
    fields
    {
        field(50100; "Cartage Shopify Order Id"; Text[50])
        {
            Caption = 'Shopify Order Id';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50101; "Cartage Shopify Order No."; Text[50])
        {
            Caption = 'Shopify Order No.';
            DataClassification = CustomerContent;
            Editable = false;
        }
    }
    keys
    {
        key(CartageOrigin; "Cartage Shopify Order No.") { }
    }
}

tableextension 50101 "Cartage Sales Shipment Header" extends "Sales Shipment Header"
{
    fields
    {
        field(50100; "Cartage Shopify Order Id"; Text[50])
        {
            Caption = 'Shopify Order Id';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50101; "Cartage Shopify Order No."; Text[50])
        {
            Caption = 'Shopify Order No.';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50102; "Cartage Sync State"; Enum "Cartage Sync State")
        {
            Caption = 'Shopify Sync State';
            DataClassification = SystemMetadata;
        }
    }
}

tableextension 50102 "Cartage Sales Invoice Header" extends "Sales Invoice Header"
{
    fields
    {
        field(50100; "Cartage Shopify Order Id"; Text[50])
        {
            Caption = 'Shopify Order Id';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50101; "Cartage Shopify Order No."; Text[50])
        {
            Caption = 'Shopify Order No.';
            DataClassification = CustomerContent;
            Editable = false;
        }
    }
}
