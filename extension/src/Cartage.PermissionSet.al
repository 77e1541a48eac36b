// What the application user of a client needs besides the permissions of API v2.0.
permissionset 50100 "Cartage Shopify"
{
    Assignable = true;
    Caption = 'Cartage for Shopify';
    Permissions =
        page "Cartage Order Imports" = X,
        page "Cartage Order Import Lines" = X,
        page "Cartage Invoice Imports" = X,
        page "Cartage Invoice Import Lines" = X,
        page "Cartage Credit Memo Imports" = X,
        page "Cartage Credit Memo Import Lines" = X,
        page "Cartage Posted Shipments" = X,
        page "Cartage Posted Shipment Lines" = X,
        codeunit "Cartage Order Actions" = X,
        tabledata "Sales Header" = RIMD,
        tabledata "Sales Line" = RIMD,
        tabledata "Sales Shipment Header" = RM,
        tabledata "Sales Shipment Line" = R;
}
