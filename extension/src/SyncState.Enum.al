// What a client made of a posted shipment.
enum 50100 "Cartage Sync State"
{
    Extensible = false;

    value(0; " ") { }
    value(1; Done) { }
    value(2; "Not Required") { }
    value(3; Error) { }
}
